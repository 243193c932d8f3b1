#include "model/memory_builder.hpp"

#include <algorithm>

#include "model/messages.hpp"

namespace tracypy::model {

bool MemoryBuilder::take(const events::MemoryStep& step, base::Ticks tick, Place place,
                         std::vector<MemoryPool>& pools) {
    const auto [known, is_new] = pools_.try_emplace(step.pool, pools.size());
    if (is_new) {
        pools.emplace_back();
        names_.push_back(step.pool);
    }
    std::vector<Allocation>& allocations = pools[known->second].allocations;
    const auto allocate = [&] {
        allocations.push_back({.begin_ns = tick,
                               .address = step.address,
                               .size = step.size,
                               .begin_thread = place.thread,
                               .end_thread = kNoThread,
                               .begin_callstack = place.callstack});
        return std::uint64_t{allocations.size() - 1};
    };
    const auto free = [&](std::uint64_t, std::uint64_t index) {
        Allocation& allocation = allocations[index];
        allocation.end_ns = std::max(tick, allocation.begin_ns);
        allocation.end_thread = place.thread;
        // Where the next block began at its address tells nothing of where it ended.
        if (step.action != events::MemoryAction::Allocate) allocation.end_callstack = place.callstack;
    };
    return blocks_.take(step, allocate, free);
}

}  // namespace tracypy::model
