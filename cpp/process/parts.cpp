#include "process/parts.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/names.hpp"
#include "cpython/monitor.hpp"
#include "cpython/parameters.hpp"
#include "cpython/process_name.hpp"
#include "cpython/process_recorder.hpp"
#include "drivers/exclusive_access.hpp"
#include "drivers/own_frames.hpp"
#include "io/process.hpp"
#include "process/engine.hpp"
#include "process/plot_sampler.hpp"
#include "process/source_answers.hpp"

namespace tracypy::process {
namespace {

SourceAnswers& source_answers() {
    static auto* const instance = new SourceAnswers;
    return *instance;
}

class RowsForOthers final : public drivers::FamilyNumbers {
public:
    base::ThreadId take_row(std::uint64_t number) override { return cpython::process_recorder().take_row(number); }
    std::uint64_t frames_so_far() const noexcept override { return cpython::process_recorder().frames_so_far(); }
    void share_memory(bool is_shared) noexcept override {
        recorder::ChunkPool& pool = cpython::process_recorder().pool();
        memory().set_share(pool.whole_bytes() / 2);
        pool.set_reserved_bytes(is_shared ? memory().share() : memory().kept_bytes());
    }
};

/// Of all that is not this process's own. Never destroyed.
drivers::FamilyNumbers& numbers_for_others() {
    static auto* const numbers = new RowsForOthers;
    return *numbers;
}

class NativeProgram final : public drivers::Program {
public:
    bool attach() override {
        if (!cpython::attach()) return false;
        numbers_for_others().start_session();
        family_root().begin_session();
        gather_root().begin_session();
        return true;
    }
    void detach() override {
        cpython::detach();
        family_root().end_session();
        gather_root().end_session();
    }
    std::size_t drain(events::EventSink& sink, std::size_t max_words) override {
        recorder::Recorder& recorder = cpython::process_recorder();
        std::size_t words = drain_own(sink, max_words);
        // The others have their turn however much happens here.
        const std::size_t left = std::max(max_words - std::min(words, max_words), max_words / 4);
        words += family_root().drain(sink, left);
        words += gather_root().drain(sink, left);
        cpython::call_back_soon();
        if (const std::uint64_t epoch = recorder.epoch(); epoch != 0) plots_.sample(sink, epoch);
        return words;
    }
    void release() override { gather_root().leave_all(); }
    void add_handles(io::Poller& poller) override {
        family_root().each_handle(
            [&poller](io::Handle handle, bool wants_to_write) { poller.add(handle, true, wants_to_write); });
    }
    void attend() override { family_root().attend(); }
    std::int64_t sampling_period() override { return gather_root().sampling_period(); }
    std::uint64_t frames_so_far() const override { return cpython::process_recorder().frames_so_far(); }
    std::string name() const override {
        constexpr auto kName = static_cast<std::uint64_t>(events::ProgramTextKind::Name);
        const auto found = cpython::process_recorder().definitions().find<events::ProgramText>(kName);
        return found ? std::string(base::names().strings.find(found->text).text) : std::string();
    }
    std::string take_process_name() override { return cpython::take_process_name(); }
    protocol::AnswerProvider* answer_provider() noexcept override { return &source_answers(); }
    std::uint64_t dropped_zones() const override {
        return cpython::process_recorder().dropped_zones() + family_root().dropped_zones();
    }

private:
    static std::size_t drain_own(events::EventSink& sink, std::size_t max_words) {
        recorder::Recorder& recorder = cpython::process_recorder();
        if (!numbers_for_others().has_given_frames_away()) return recorder.drain(sink, max_words);
        drivers::OwnFrames own(sink, base::names());
        const std::size_t words = recorder.drain(own, max_words);
        if (own.lost_images() != 0) {
            base::log(base::LogLevel::Warning,
                      "pictures of frames were left out: a gathered program's frames are those of the trace");
        }
        return words;
    }

    PlotSampler plots_;
};

}  // namespace

drivers::Program& program() {
    static auto* const instance = new NativeProgram;
    return *instance;
}

drivers::ExclusiveAccess& seat() {
    static auto* const instance = new drivers::ExclusiveAccess;
    return *instance;
}

drivers::ViewerServer& server() {
    static auto* const seated = new drivers::ExclusiveProgram(
        program(), seat(),
        "a viewer was turned away: the program is being recorded to a file, and one at a time is all");
    static auto* const instance = new drivers::ViewerServer(*seated);
    return *instance;
}

drivers::FileRecorder& file_recorder() {
    static auto* const seated = new drivers::ExclusiveProgram(program(), seat());
    static auto* const instance = new drivers::FileRecorder(*seated);
    return *instance;
}

drivers::FamilyRoot& family_root() {
    static auto* const instance = new drivers::FamilyRoot(base::names(), numbers_for_others());
    return *instance;
}

drivers::GatherRoot& gather_root() {
    static auto* const instance =
        new drivers::GatherRoot(base::names(), numbers_for_others(), [](std::uint64_t process, std::uint16_t port) {
            return (process == io::process_id() && port == server().port()) || family_root().has_member(process);
        });
    return *instance;
}

drivers::FamilyMember& family_member() {
    static auto* const seated = new drivers::ExclusiveProgram(program(), seat());
    static auto* const instance = new drivers::FamilyMember(*seated);
    return *instance;
}

void refuse_at_the_end(base::ErrorCode code) {
    if (cpython::interpreter_is_leaving()) throw base::Error({code, {}});
}

void pause_parts() {
    server().pause();
    source_answers().pause();
    file_recorder().pause();
    family_member().pause();
}

void resume_parts() {
    family_member().resume();
    file_recorder().resume();
    server().resume();
}

void forget_parts() noexcept {
    server().forget_after_fork();
    file_recorder().forget_after_fork();
    family_member().forget_after_fork();
    family_root().abandon();
    gather_root().abandon();
    source_answers().forget_after_fork();
    seat().clear();
    forget_client();
    cpython::forget_calls_back();
}

}  // namespace tracypy::process
