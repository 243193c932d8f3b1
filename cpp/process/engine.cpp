#include "process/engine.hpp"

#include <atomic>

#include "base/error.hpp"
#include "base/names.hpp"
#include "cpython/gil.hpp"
#include "cpython/thread_state.hpp"
#include "drivers/tracy_client.hpp"
#include "process/forking.hpp"
#include "process/parts.hpp"

namespace tracypy::process {
namespace {

/// The program, whose threads tell the client themselves.
class TellingProgram final : public drivers::Program {
public:
    explicit TellingProgram(drivers::Program& program) : program_(program) {}

    /// For the next time. Never given back: a thread may be telling one just now.
    void set_sink(drivers::TracyClientSink* sink) noexcept { sink_ = sink; }

    bool attach() override {
        cpython::process_recorder().tell_at_once(sink_);
        if (program_.attach()) return true;
        cpython::process_recorder().tell_at_once(nullptr);
        return false;
    }
    // What is open on other threads only those could end.
    void detach() override {
        recorder::Recorder& recorder = cpython::process_recorder();
        program_.detach();
        recorder.tell_of(cpython::t_buffer);
        recorder.tell_at_once(nullptr);
        recorder.await_telling();
        if (sink_ != nullptr) sink_->end_row(cpython::t_buffer->id());
    }
    std::size_t drain(events::EventSink&, std::size_t) override { return 0; }
    std::uint64_t frames_so_far() const override { return program_.frames_so_far(); }
    std::uint64_t dropped_zones() const override { return program_.dropped_zones(); }

private:
    drivers::Program& program_;
    drivers::TracyClientSink* sink_ = nullptr;
};

TellingProgram& telling_program() {
    static auto* const instance = new TellingProgram(program());
    return *instance;
}

drivers::ExclusiveProgram& seated_program() {
    static auto* const instance = new drivers::ExclusiveProgram(telling_program(), seat());
    return *instance;
}

std::atomic<bool> g_is_used{false};

}  // namespace

void use_client(const std::string& path) {
    refuse_at_the_end(base::ErrorCode::TooLateToRecord);
    resume_now();
    if (g_is_used.exchange(true)) throw base::Error({base::ErrorCode::ClientIsUsed, {}});
    try {
        const drivers::TracyFunctions functions = drivers::find_tracy_functions(path);
        telling_program().set_sink(new drivers::TracyClientSink(functions, base::names()));
        const cpython::GilReleased released;
        if (!seated_program().attach()) throw base::Error({base::ErrorCode::ProgramIsTaken, {}});
    } catch (...) {
        g_is_used.store(false);
        throw;
    }
}

bool leave_client() {
    if (!g_is_used.load()) return false;
    resume_now();
    {
        const cpython::GilReleased released;
        seated_program().detach();
        seated_program().release();
    }
    g_is_used.store(false);
    return true;
}

bool has_client() noexcept {
    return g_is_used.load(std::memory_order_relaxed);
}

void forget_client() noexcept {
    g_is_used.store(false);
}

}  // namespace tracypy::process
