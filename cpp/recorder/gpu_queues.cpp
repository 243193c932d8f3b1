#include "recorder/gpu_queues.hpp"

#include <algorithm>
#include <iterator>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

GpuQueue* GpuQueues::make(events::GpuKind kind, base::StringId name, std::int64_t gpu_ns) {
    const std::lock_guard lock(mutex_);
    auto found =
        std::ranges::find_if(entries_, [=](const Entry& entry) { return entry.kind == kind && entry.name == name; });
    if (found == entries_.end()) {
        if (entries_.size() == kMost) return nullptr;
        const auto context = static_cast<std::uint8_t>(entries_.size());
        entries_.push_back({std::make_unique<GpuQueue>(recorder_, context), kind, name});
        found = std::prev(entries_.end());
    }
    GpuQueue* const queue = found->queue.get();
    (void)define(queue->context(), gpu_ns);
    return queue;
}

bool GpuQueues::define(std::uint8_t context, std::int64_t gpu_ns) noexcept {
    const Entry& entry = entries_[context];
    return recorder_.define(
        events::GpuContext{context, entry.name, entry.kind, base::now_ticks(), static_cast<std::uint64_t>(gpu_ns)});
}

bool GpuQueues::sync(const GpuQueue& queue, std::int64_t gpu_ns) noexcept {
    const std::lock_guard lock(mutex_);
    return define(queue.context(), gpu_ns);
}

}  // namespace tracypy::recorder
