// A program without Python: threads that write events, for the drivers to serve.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "drivers/program.hpp"
#include "events/event.hpp"

namespace tracypy::native_tests {

/// Events wait in vectors behind one mutex. Any thread.
class SyntheticProgram final : public drivers::Program {
public:
    using drivers::Program::name;
    explicit SyntheticProgram(base::Names& names) : names_(names) {}

    bool attach() override;
    void detach() override;
    std::size_t drain(events::EventSink& sink, std::size_t max_words) override;
    std::uint64_t frames_so_far() const override { return frames_.load(); }
    std::uint64_t dropped_zones() const override { return 0; }
    protocol::AnswerProvider* answer_provider() noexcept override { return provider_; }

    bool is_recording() const noexcept { return recording_.load(); }
    int attaches() const noexcept { return attaches_.load(); }
    int detaches() const noexcept { return detaches_.load(); }
    void refuse_viewers() noexcept { refusing_ = true; }
    /// Before anybody connects.
    void set_answer_provider(protocol::AnswerProvider& provider) noexcept { provider_ = &provider; }

    base::SourceLocationId location(std::string_view name, std::uint32_t line = 1, std::uint32_t color = 0);

    void begin(base::ThreadId thread, base::SourceLocationId location);
    void end(base::ThreadId thread);
    void text(base::ThreadId thread, std::string_view text);
    void name(base::ThreadId thread, std::string_view name);
    void value(base::ThreadId thread, std::uint64_t value);
    void color(base::ThreadId thread, std::uint32_t color);
    void message(base::ThreadId thread, std::string_view text, std::uint32_t color);
    void frame(events::FrameMarkKind kind, std::string_view name);
    /// Words as they are, for tests of what must not happen.
    void raw(base::ThreadId thread, std::vector<events::Word> words);
    /// Words that wait to be drained.
    std::size_t backlog() const;

private:
    template <events::ThreadEvent Event>
    void add(base::ThreadId thread, const Event& event);

    base::Names& names_;
    mutable std::mutex mutex_;
    std::map<base::ThreadId, std::vector<events::Word>> words_;
    std::vector<events::FrameMark> marks_;
    protocol::AnswerProvider* provider_ = nullptr;
    std::atomic<bool> recording_{false};
    std::atomic<bool> refusing_{false};
    std::atomic<std::uint64_t> frames_{0};
    std::atomic<int> attaches_{0};
    std::atomic<int> detaches_{0};
};

}  // namespace tracypy::native_tests
