// What belongs to no thread: frame marks, in one order for the whole process. Cold: a program makes some hundred a
// second, so a mutex is fine and gives ticks that never decrease.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "events/event.hpp"
#include "events/event_sink.hpp"

namespace tracypy::recorder {

/// Thread-safe; `mutex_` guards `marks_`.
class SerialLane {
public:
    static constexpr std::size_t kMaxMarks = 1'000'000;  // 24 MB; beyond it marks are counted and dropped

    void frame_mark(events::FrameMark::Kind kind, base::StringId name) noexcept;
    /// Hands all marks to `sink`; returns how many.
    std::size_t drain(events::EventSink& sink);
    void clear() noexcept;
    std::uint64_t dropped() const noexcept { return dropped_.load(std::memory_order_relaxed); }

    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }

private:
    std::mutex mutex_;
    std::vector<events::FrameMark> marks_;
    std::vector<events::FrameMark> draining_;
    std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace tracypy::recorder
