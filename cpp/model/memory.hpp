// Memory: the blocks that a program has allocated, by pool.
#pragma once

#include <cstdint>
#include <vector>

#include "model/strings.hpp"

namespace tracypy::model {

/// One block.
struct Allocation {
    std::int64_t begin_ns = 0;
    std::int64_t end_ns = -1;  // kOpen: it lives
    std::uint64_t address = 0;
    std::uint64_t size = 0;
    std::uint32_t begin_thread = 0;  // indices of threads; kNoThread: unknown, or it lives
    std::uint32_t end_thread = 0;
    std::uint32_t begin_callstack = 0;  // indices into Trace::callstacks.stacks; 0: none
    std::uint32_t end_callstack = 0;
};

struct MemoryPool {
    TextId name = TextId::None;           // None: the default pool
    std::vector<Allocation> allocations;  // by time
};

/// What a pool's blocks amount to.
struct MemoryUse {
    std::uint64_t bytes = 0;   // of all blocks
    std::uint64_t in_use = 0;  // at the end
    std::uint64_t peak = 0;    // at most
    std::uint64_t blocks = 0;  // at the end
};
MemoryUse use_of(const MemoryPool& pool);

}  // namespace tracypy::model
