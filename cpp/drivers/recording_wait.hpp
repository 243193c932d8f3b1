// Waiting for a trace that another thread makes.
#pragma once

#include <cstdint>
#include <functional>

#include "journal/trace_maker.hpp"

namespace tracypy::drivers {

/// How far a trace is that is being made.
struct MakingProgress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: it is not being made yet
};

/// Asked about ten times a second by the thread that waits; false gives up.
using KeepWaiting = std::function<bool(const MakingProgress&)>;

/// Returns when `is_over`, which it is soon after `keep_waiting` has given up. What `keep_waiting` throws is thrown
/// again, then.
void wait_until(const std::function<bool()>& is_over, journal::Progress& progress, const KeepWaiting& keep_waiting);

}  // namespace tracypy::drivers
