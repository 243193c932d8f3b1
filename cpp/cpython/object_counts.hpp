// How many objects the garbage collector knows, and how many tasks asyncio has: what only the interpreter can say.
//
// Counting is a walk over all these objects, which takes about a tenth of what a full collection does, and runs no
// Python code. So it is done between two instructions of the main thread (a pending call), and seldom enough to take at
// most a thousandth of the time.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace tracypy::cpython {

struct ObjectCounts {
    base::Ticks tick = 0;
    std::uint64_t objects = 0;
    std::optional<std::uint64_t> tasks;  // that are not done; none: asyncio is not there
};

// The drain, which does not have the interpreter.

/// Lets the main thread count, unless it is too early for that. Nothing happens while that thread waits in a call.
void ask_for_object_counts(std::int64_t now_ns) noexcept;
/// What was counted since the last time.
std::optional<ObjectCounts> take_object_counts() noexcept;

}  // namespace tracypy::cpython
