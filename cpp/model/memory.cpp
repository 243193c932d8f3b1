#include "model/memory.hpp"

#include <algorithm>

#include "model/zones.hpp"

namespace tracypy::model {

// A block that ends when another one begins ends first: it may be the same memory.
MemoryUse use_of(const MemoryPool& pool) {
    std::vector<const Allocation*> ended;
    MemoryUse use;
    for (const Allocation& allocation : pool.allocations) {
        use.bytes += allocation.size;
        if (allocation.end_ns != kOpen) {
            ended.push_back(&allocation);
        } else {
            ++use.blocks;
            use.in_use += allocation.size;
        }
    }
    std::ranges::sort(ended, {}, &Allocation::end_ns);
    std::int64_t now = 0;  // less than nothing while a block of no duration has ended and not begun
    auto next = ended.begin();
    for (const Allocation& allocation : pool.allocations) {
        for (; next != ended.end() && (*next)->end_ns <= allocation.begin_ns; ++next) {
            now -= static_cast<std::int64_t>((*next)->size);
        }
        now += static_cast<std::int64_t>(allocation.size);
        use.peak = std::max(use.peak, static_cast<std::uint64_t>(std::max(now, std::int64_t{0})));
    }
    return use;
}

}  // namespace tracypy::model
