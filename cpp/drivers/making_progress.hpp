// How far a trace is that another thread makes, and whether somebody waits for it still.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "drivers/wait.hpp"
#include "journal/trace_maker.hpp"

namespace tracypy::drivers {

struct MakingProgress {
    std::uint64_t done = 0;
    std::uint64_t total = 0;  // 0: it is not being made yet
};

/// Asked about ten times a second by the thread that waits; false gives up.
using KeepWaiting = std::function<bool(const MakingProgress&)>;

/// wait_until() for a trace: giving up cancels it.
inline void wait_for_trace(
    DoneFlag& done, journal::Progress& progress, const KeepWaiting& keep_waiting,
    const std::function<bool()>& is_over = [] { return false; }) {
    const auto ask = [&] {
        return keep_waiting(
            {progress.done.load(std::memory_order_relaxed), progress.total.load(std::memory_order_relaxed)});
    };
    const auto cancel = [&] { progress.cancel.store(true, std::memory_order_relaxed); };
    wait_until(done, keep_waiting ? std::function<bool()>(ask) : nullptr, cancel, is_over);
}

}  // namespace tracypy::drivers
