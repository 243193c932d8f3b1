// CPython's own allocations, by hooks in its three domains of allocators: raw, mem, object.
//
// Hooks are set only during a session that wants them. They stand in front of what is there already
// (tracemalloc, PYTHONMALLOC=debug). When another tool has put its own in front of ours meanwhile, ours stay where they
// are, and pass everything on.
//
// Each allocation counts once, in the domain that the interpreter has asked: that a large object's memory comes from
// the raw domain in the end is the allocator's own matter.
#pragma once

#include <cstdint>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// How many bytes pass from one recorded allocation to the next.
inline constexpr std::uint64_t kNoMemory = 0;
inline constexpr std::uint64_t kAllMemory = 1;

/// False on builds where hooks cannot be set while the program runs.
inline constexpr bool kHasMemoryHooks = !kFreeThreaded;

/// Sets the hooks, or takes them out. With the GIL. `interval`: one of the above, or a number of bytes.
void set_memory_hooks(std::uint64_t interval) noexcept;
/// How many of the calls that run go with each allocation and each end. With the GIL.
void set_memory_callstacks(unsigned frames) noexcept;
/// In a forked child, before anything else: no lock is held, nothing is followed.
void reset_memory_hooks_after_fork() noexcept;

}  // namespace tracypy::cpython
