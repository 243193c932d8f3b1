// The rows, names and numbers of another process's events, as they are in the trace of the root.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/names.hpp"
#include "drivers/gather_memory.hpp"
#include "events/event_sink.hpp"
#include "journal/adopter.hpp"

namespace tracypy::drivers {

/// Hands out what is unique in the trace of the root, from one begin of a session to the next. The driver's thread.
class FamilyNumbers {
public:
    virtual ~FamilyNumbers() = default;

    /// A row for a thread of another process, if possible under the number that it has there. None: all are taken.
    virtual base::ThreadId take_row(std::uint64_t number) = 0;

    /// How many frames of the default set this process itself has marked so far.
    virtual std::uint64_t frames_so_far() const noexcept { return 0; }

    /// From now on half of the memory for events is that of clients that are gathered; or no more of it than they have.
    virtual void share_memory(bool) noexcept {}
    GatherMemory& memory() noexcept { return memory_; }

    void start_session() noexcept;
    /// The default set of frames is that of the first process that marks one: pictures belong to it. `group`: who asks.
    bool claim_frames(std::int32_t group) noexcept;
    bool has_given_frames_away() const noexcept { return frames_owner_ != 0; }
    /// What the system tells of all programs of a machine is told by the first client that does.
    bool claim_machine(std::int32_t group) noexcept {
        if (machine_owner_ == 0) machine_owner_ = group;
        return machine_owner_ == group;
    }
    /// The period of samples is that of the first client that has one.
    bool claim_sampling(std::int32_t group) noexcept {
        if (sampling_owner_ == 0) sampling_owner_ = group;
        return sampling_owner_ == group;
    }
    /// For the addresses of a program's machine code; kNoRegion: all are taken.
    static constexpr std::uint16_t kPythonRegion = 0xFFE, kNoRegion = 0xFFF;
    std::uint16_t take_region() noexcept { return next_region_ < kPythonRegion ? next_region_++ : kNoRegion; }
    std::uint32_t take_source() noexcept { return next_source_++; }
    /// 0: all are taken.
    static constexpr std::uint32_t kFirstParameter = 1u << 20, kMostParameters = 1u << 16;
    std::uint32_t take_parameter() noexcept {
        return next_parameter_ < kFirstParameter + kMostParameters ? next_parameter_++ : 0;
    }
    std::uint32_t take_lock() noexcept { return next_lock_++; }
    std::uint32_t take_section() noexcept { return next_section_++; }
    /// 0: all are taken, and these sections have no category.
    std::uint16_t take_category() noexcept { return next_category_ != 0 ? next_category_++ : std::uint16_t{0}; }
    /// From the last one down; 0: all are taken.
    std::uint8_t take_gpu_context() noexcept { return last_gpu_context_ > kOwnGpuContexts ? last_gpu_context_-- : 0; }

private:
    // The root's own ones are counted from below.
    static constexpr std::uint32_t kFirstNumber = 0x4000'0000;
    static constexpr std::uint16_t kFirstCategory = 0x4000;
    static constexpr std::uint8_t kOwnGpuContexts = 128;

    std::uint32_t next_lock_ = kFirstNumber;
    std::uint32_t next_section_ = kFirstNumber;
    std::uint16_t next_category_ = kFirstCategory;
    std::uint8_t last_gpu_context_ = 255;
    std::uint16_t next_region_ = 0;
    std::uint32_t next_source_ = 1;
    std::uint32_t next_parameter_ = kFirstParameter;
    std::int32_t frames_owner_ = 0, machine_owner_ = 0, sampling_owner_ = 0;
    std::uint64_t frames_before_ = 0;  // the session
    GatherMemory memory_;
};

/// Between the reader of a process's journal and the sink of the root, for one session. One thread.
class FamilyRows final : public events::UniformSink<FamilyRows>, public journal::Adopter {
public:
    /// `group`: rows of one process stand together. All must outlive it.
    FamilyRows(base::Names& names, FamilyNumbers& numbers, const std::string& process, std::int32_t group)
        : names_(names), numbers_(numbers), process_(process), group_(group) {}

    /// Where the events go that come from now on.
    void set_sink(events::EventSink& sink) noexcept { sink_ = &sink; }
    /// It is a Tracy client, which tells more than a child's journal: of its machine code, what a viewer may set, and
    /// frames that may be those of the whole program.
    void set_gathered() noexcept { is_gathered_ = true; }
    FamilyNumbers& numbers() noexcept { return numbers_; }
    /// The process's own number of a parameter; none for another one's.
    std::optional<std::uint32_t> parameter_of(std::uint32_t index) const;
    /// The process is called otherwise from now on, its rows too.
    void name_again();

    base::Names& names() override { return names_; }
    base::ThreadId row_of(base::ThreadId number) override;
    void name_row(base::ThreadId number, std::string_view name) override;

    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (Event event : events) {
            if (adopt(event)) {
                sink_->take({&event, 1});
            } else {
                ++left_out_;
            }
        }
    }
    // Said by the root, or of one program: its name, and what a viewer may set in it.
    void take_any(std::span<const events::ThreadFacts>) noexcept {}
    void take_any(std::span<const events::ProgramText>) noexcept {}
    void take_any(std::span<const events::Parameter> parameters);

    /// So many words since the last time that this was asked.
    std::size_t take_words() noexcept { return std::exchange(words_, 0); }
    /// For which the trace of the root had no place.
    std::uint64_t left_out() const noexcept { return left_out_; }
    std::uint64_t told_by_another() const noexcept { return told_by_another_; }
    /// What is remembered of it, roughly.
    std::size_t bytes() const noexcept;
    /// Says at the end how many events the trace of the root had no place for.
    void tell_left_out();

private:
    struct Row {
        base::ThreadId id;
        std::string name;
        bool is_told = false;
    };

    Row& row(base::ThreadId number);
    void tell(Row& row);
    std::string row_name(const Row& row) const { return process_ + ": " + row.name; }
    void hand_on_notices(std::span<const events::Word> words);
    void hand_on_runs(const events::ThreadBatch& batch);
    base::StringId name_of_process(base::LimitedNames& table, base::StringId name, std::string_view unnamed);

    bool adopt(events::FrameMark& mark);
    bool adopt(events::PlotPoint& point);
    bool adopt(events::PlotStyle& style);
    bool adopt(events::MemoryStep& step);
    bool adopt(events::LockAnnounce& lock);
    bool adopt(events::LockEvent& event);
    bool adopt(events::SectionEdge& edge);
    bool adopt(events::SectionCategory& category);
    bool adopt(events::GpuContext& context);
    bool adopt(events::GpuStep& step);
    bool adopt(events::AppInfo& line);
    bool adopt(events::FrameImage&) noexcept { return owns_frames_; }  // others' frames are not in the default set
    bool adopt(events::LockName& name) { return adopt_lock(name.lock); }
    bool adopt(events::LockEnd& end) { return adopt_lock(end.lock); }
    bool adopt(events::LockMark& mark);
    bool adopt(events::GpuNote& note) { return adopt_gpu(note.context); }
    bool adopt(events::GpuNoteName& name) { return adopt_gpu(name.context); }
    bool adopt(events::Sample& sample) noexcept {
        return sample.thread != base::ThreadId::None && sample.callstack != base::CallstackId::None;
    }
    bool adopt(events::CrashReport& report) noexcept { return report.thread != base::ThreadId::None; }
    bool adopt(events::ContextSwitch& change);
    bool adopt(events::ThreadWakeup& wakeup);
    bool adopt(events::ThreadProcess& process);
    bool adopt(events::HardwareSample&) noexcept { return is_gathered_; }  // else addresses are not told apart
    bool adopt(events::Symbol&) noexcept { return is_gathered_; }
    bool adopt(events::SymbolCode&) noexcept { return is_gathered_; }
    bool adopt(events::SourceText&) noexcept { return is_gathered_; }
    bool adopt(events::ForeignThread&) noexcept { return true; }
    bool adopt(events::ProcessorPlace&) noexcept { return true; }
    bool adopt(events::SamplingPeriod&) noexcept { return is_gathered_; }
    bool adopt(events::EnergyReading&) noexcept { return is_of_machine(); }
    bool adopt_lock(std::uint32_t& lock);
    bool adopt_gpu(std::uint8_t& context);
    /// A thread of the system, as the row that it has, if it has one.
    template <typename Number>
    void adopt_thread(Number& number) const;
    /// False, and counted: another process tells it.
    bool is_of_machine() noexcept;

    base::Names& names_;
    FamilyNumbers& numbers_;
    const std::string& process_;
    std::int32_t group_;
    events::EventSink* sink_ = nullptr;
    std::unordered_map<base::ThreadId, Row> rows_;                 // by their numbers there
    std::unordered_map<base::ThreadId, base::ThreadId> carriers_;  // of fibers: where each runs, or ran last
    std::unordered_map<base::LimitedNames*, std::unordered_map<base::StringId, base::StringId>> renamed_;
    std::unordered_map<std::uint32_t, std::uint32_t> locks_, sections_;
    std::unordered_map<std::uint16_t, std::uint16_t> categories_;
    std::unordered_map<std::uint8_t, std::uint8_t> gpu_contexts_;
    std::unordered_map<std::uint32_t, std::uint32_t> parameters_;
    std::unordered_set<std::uint64_t> lock_threads_;  // lock and row: a viewer knows that these met
    std::size_t words_ = 0, name_bytes_ = 0;
    std::uint64_t left_out_ = 0, told_by_another_ = 0;
    bool is_gathered_ = false, owns_frames_ = false;
};

}  // namespace tracypy::drivers
