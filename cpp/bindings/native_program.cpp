#include "bindings/native_program.hpp"

#include <string>

#include "base/error.hpp"
#include "cpython/monitor.hpp"
#include "cpython/process_recorder.hpp"
#include "drivers/exclusive_access.hpp"

namespace tracypy::bindings {
namespace {

class NativeProgram final : public drivers::Program {
public:
    bool attach() override { return cpython::attach(); }
    void detach() override { cpython::detach(); }
    std::size_t drain(events::EventSink& sink, std::size_t max_words) override {
        return cpython::process_recorder().drain(sink, max_words);
    }
    std::uint64_t frames_so_far() const override { return cpython::process_recorder().frames_so_far(); }
    std::uint64_t dropped_zones() const override { return cpython::process_recorder().dropped_zones(); }
};

NativeProgram& program() {
    static auto* const instance = new NativeProgram;
    return *instance;
}

drivers::ExclusiveAccess& access() {
    static auto* const instance = new drivers::ExclusiveAccess;
    return *instance;
}

}  // namespace

drivers::ViewerServer& server() {
    static auto* const exclusive = new drivers::ExclusiveProgram(
        program(), access(),
        "a viewer was turned away: the program is being recorded to a file, and one at a time is all");
    static auto* const instance = new drivers::ViewerServer(*exclusive);
    return *instance;
}

drivers::FileRecorder& file_recorder() {
    static auto* const exclusive = new drivers::ExclusiveProgram(program(), access());
    static auto* const instance = new drivers::FileRecorder(*exclusive);
    return *instance;
}

void refuse_at_the_end(const char* what) {
    if (cpython::interpreter_is_leaving()) throw base::Error(std::string("the interpreter is on its way out: ") + what);
}

void pause_for_fork() {
    server().pause();
    file_recorder().pause();
}

void resume_after_pause() {
    file_recorder().resume();
    server().resume();
}

void forget_after_fork() noexcept {
    server().forget_after_fork();
    file_recorder().forget_after_fork();
    access().clear();
}

}  // namespace tracypy::bindings
