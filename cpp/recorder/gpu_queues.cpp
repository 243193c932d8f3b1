#include "recorder/gpu_queues.hpp"

#include <algorithm>
#include <iterator>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

GpuQueue* GpuQueues::make(events::GpuKind kind, base::StringId name, std::int64_t gpu_ns, Owner owner) {
    const std::lock_guard lock(mutex_);
    auto found = std::ranges::find_if(
        entries_, [=](const Entry& entry) { return entry.kind == kind && entry.name == name && entry.owner == owner; });
    if (found == entries_.end()) {
        if (entries_.size() == kMost) return nullptr;
        const auto context = static_cast<std::uint8_t>(entries_.size());
        entries_.push_back({std::make_unique<GpuQueue>(recorder_, context), kind, name, owner, {}});
        found = std::prev(entries_.end());
        (void)recorder_.define(events::GpuContext{context, name, kind, base::now_ticks()});
    }
    found->reading = {base::now_ticks(), gpu_ns};
    return found->queue.get();
}

void GpuQueues::sync(const GpuQueue& queue, std::int64_t gpu_ns) noexcept {
    const std::lock_guard lock(mutex_);
    entries_[queue.context()].reading = {base::now_ticks(), gpu_ns};
}

// By the scale as it is now, the longest that there is: what a GPU does after hours has the right place, too.
base::Ticks GpuQueues::tick_of(const GpuQueue& queue, std::int64_t gpu_ns) noexcept {
    constexpr double kFarthest = 4e18;  // any sum with a tick is one
    const double ns_per_tick = base::tick_scale().nanoseconds_per_tick();
    const std::lock_guard lock(mutex_);
    const base::ClockReading& reading = entries_[queue.context()].reading;
    const double ticks = static_cast<double>(gpu_ns - reading.nanoseconds) / ns_per_tick;
    return reading.ticks + static_cast<base::Ticks>(std::clamp(ticks, -kFarthest, kFarthest));
}

}  // namespace tracypy::recorder
