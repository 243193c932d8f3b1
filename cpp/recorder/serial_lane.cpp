#include "recorder/serial_lane.hpp"

namespace tracypy::recorder {

void SerialLane::frame_mark(events::FrameMark::Kind kind, base::StringId name) noexcept {
    const std::lock_guard lock(mutex_);
    if (marks_.size() >= kMaxMarks) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
        return;
    }
    try {
        marks_.push_back({base::now_ticks(), name, kind});  // the tick under the lock: order and time agree
    } catch (...) {
        dropped_.fetch_add(1, std::memory_order_relaxed);
    }
}

std::size_t SerialLane::drain(events::EventSink& sink) {
    {
        const std::lock_guard lock(mutex_);
        draining_.swap(marks_);
    }
    const std::size_t count = draining_.size();
    if (count != 0) sink.frame_marks(draining_);
    draining_.clear();
    return count;
}

void SerialLane::clear() noexcept {
    const std::lock_guard lock(mutex_);
    marks_.clear();
}

}  // namespace tracypy::recorder
