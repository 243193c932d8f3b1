#include "bindings/native_program.hpp"

#include "cpython/monitor.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::bindings {
namespace {

class NativeProgram final : public drivers::Program {
public:
    bool attach() override { return cpython::attach(); }
    void detach() override { cpython::detach(); }
    std::size_t drain(events::EventSink& sink, std::size_t max_words) override {
        return recorder::recorder().drain(sink, max_words);
    }
    std::uint64_t frames_so_far() const override { return recorder::recorder().frames_so_far(); }
};

}  // namespace

drivers::ViewerServer& server() {
    static auto* const program = new NativeProgram;
    static auto* const instance = new drivers::ViewerServer(*program);
    return *instance;
}

}  // namespace tracypy::bindings
