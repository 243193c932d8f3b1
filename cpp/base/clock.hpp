// Ticks: the cheapest monotonic counter of the machine, and how long one of them is.
//
// On x86 with an invariant time stamp counter a tick is one TSC cycle; elsewhere a tick is one nanosecond of the
// system's monotonic clock. Nothing here sleeps at import: the length of a tick is measured between two readings
// of (tick, nanoseconds) that are taken anyway, one at start and one when a viewer asks.
#pragma once

#include <cstdint>

#include "base/linkage.hpp"

#if defined(__x86_64__) || defined(_M_X64)
#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <x86intrin.h>
#endif
#define TRACYPY_HAS_TSC 1
#else
#define TRACYPY_HAS_TSC 0
#endif

namespace tracypy::base {

using Ticks = std::int64_t;

/// Nanoseconds of the clock behind Python's time.perf_counter_ns().
std::int64_t monotonic_ns() noexcept;

/// Since 1970, by the clock of the system, which may be set.
std::uint64_t unix_seconds() noexcept;

#if TRACYPY_HAS_TSC
/// False where the processor does not promise that its counter runs at one rate on every core. Set before main.
TRACYPY_LOCAL extern const bool kTscIsInvariant;
#endif

inline Ticks now_ticks() noexcept {
#if TRACYPY_HAS_TSC
    if (kTscIsInvariant) [[likely]] {
        return static_cast<Ticks>(__rdtsc());
    }
#endif
    return monotonic_ns();
}

/// Not before what this thread has read by now, nor after what it reads from here on: for an order over all threads.
inline Ticks ordered_ticks() noexcept {
#if TRACYPY_HAS_TSC
    // The counter may be read before a load that stands in front of it.
    _mm_lfence();
    const Ticks now = now_ticks();
    _mm_lfence();
    return now;
#else
    return now_ticks();
#endif
}

/// Where ticks come from, for code that is made once for each.
struct AnyClock {
    static Ticks now() noexcept { return now_ticks(); }
};
#if TRACYPY_HAS_TSC
/// Only where kTscIsInvariant. A test and a call less, and with the call the registers that it might change.
struct CounterClock {
    static Ticks now() noexcept { return static_cast<Ticks>(__rdtsc()); }
};
#else
using CounterClock = AnyClock;
#endif
/// CounterClock may be used.
inline bool has_counter_clock() noexcept {
#if TRACYPY_HAS_TSC
    return kTscIsInvariant;
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

/// Measures the length of a tick from the first reading of the process to now.
class TickScale {
public:
    /// Remembers the first reading; cheap.
    TickScale() noexcept;

    /// Nanoseconds per tick. Waits (once, at most kMinimumSpan) when the two readings would be so close together
    /// that their own uncertainty, about 50 ns, showed: over 20 ms it is below 1 part in 100,000.
    double nanoseconds_per_tick() const noexcept;

    ClockReading start() const noexcept { return start_; }

    static constexpr std::int64_t kMinimumSpanNs = 20'000'000;

private:
    ClockReading start_;
};

/// The scale that the whole process shares.
const TickScale& tick_scale() noexcept;

}  // namespace tracypy::base
