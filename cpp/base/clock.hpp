// Ticks: the cheapest monotonic counter of the machine, and how long one of them is.
//
// Where the processor has a counter that tells the time (clock_choice.hpp) a tick is one step of it: a third of a
// nanosecond on x86, 40 ns on some ARM64. Elsewhere a tick is one nanosecond of the system's monotonic clock. Nothing
// here sleeps at import: the length of a tick is measured between two readings of (tick, nanoseconds) that are taken
// anyway, one at start and one when a viewer asks.
#pragma once

#include <cstdint>

#include "base/counter.hpp"
#include "base/linkage.hpp"

namespace tracypy::base {

using Ticks = std::int64_t;

/// Nanoseconds of the clock behind Python's time.perf_counter_ns().
std::int64_t monotonic_ns() noexcept;

/// How far its readings are ahead of the other monotonic clock's that a system may have, which nobody corrects. Tracy's
/// own client asks that one.
std::int64_t between_system_clocks_ns() noexcept;

/// Since 1970, by the clock of the system, which may be set.
std::uint64_t unix_seconds() noexcept;

#if TRACYPY_HAS_COUNTER
/// Ticks are those of the counter. Set before main.
TRACYPY_LOCAL extern const bool kCounts;
#endif

inline Ticks now_ticks() noexcept {
#if TRACYPY_HAS_COUNTER
    if (kCounts) [[likely]] {
        return read_counter();
    }
#endif
    return monotonic_ns();
}

/// Not before what this thread has read by now, nor after what it reads from here on: for an order over all threads.
inline Ticks ordered_ticks() noexcept {
#if TRACYPY_HAS_COUNTER
    order_counter();
    const Ticks now = now_ticks();
    order_counter();
    return now;
#else
    return now_ticks();
#endif
}

/// Where ticks come from, for code that is made once for each.
struct AnyClock {
    static Ticks now() noexcept { return now_ticks(); }
};
#if TRACYPY_HAS_COUNTER
/// Only where kCounts. A test and a call less, and with the call the registers that it might change.
struct CounterClock {
    static Ticks now() noexcept { return read_counter(); }
};
#else
using CounterClock = AnyClock;
#endif
/// CounterClock may be used.
inline bool has_counter_clock() noexcept {
#if TRACYPY_HAS_COUNTER
    return kCounts;
#else
    return false;
#endif
}

/// A tick and the nanosecond at which it was read, taken as close together as can be had.
struct ClockReading {
    Ticks ticks;
    std::int64_t nanoseconds;
};

ClockReading read_clock() noexcept;
double nanoseconds_per_tick_between(const ClockReading& from, const ClockReading& to) noexcept;

/// Measures the length of a tick from the first reading of the process to now.
class TickScale {
public:
    /// Remembers the first reading; cheap.
    TickScale() noexcept;

    /// Nanoseconds per tick. Waits (once, at most kMinimumSpan) when the two readings would be so close together
    /// that their own uncertainty showed, which is about 50 ns and a tick: over 20 ms it is below 1 part in 100,000.
    double nanoseconds_per_tick() const noexcept;

    ClockReading start() const noexcept { return start_; }

    static constexpr std::int64_t kMinimumSpanNs = 20'000'000;

private:
    ClockReading start_;
};

/// The scale that the whole process shares.
const TickScale& tick_scale() noexcept;

}  // namespace tracypy::base
