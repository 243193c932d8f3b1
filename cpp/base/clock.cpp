#include "base/clock.hpp"

#include <chrono>
#include <ctime>
#include <thread>

#include "base/clock_choice.hpp"

namespace tracypy::base {

#if TRACYPY_HAS_COUNTER
const bool kCounts = clock_choice().counts;
#endif

std::int64_t monotonic_ns() noexcept {
#if defined(__APPLE__)
    return static_cast<std::int64_t>(clock_gettime_nsec_np(CLOCK_UPTIME_RAW));  // steady_clock goes on in sleep
#else
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
#endif
}

std::int64_t between_system_clocks_ns() noexcept {
#if defined(__linux__) && defined(CLOCK_MONOTONIC_RAW)
    timespec raw{};
    if (clock_gettime(CLOCK_MONOTONIC_RAW, &raw) != 0) return 0;
    return monotonic_ns() - (static_cast<std::int64_t>(raw.tv_sec) * 1'000'000'000 + raw.tv_nsec);
#else
    return 0;
#endif
}

std::uint64_t unix_seconds() noexcept {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<seconds>(system_clock::now().time_since_epoch()).count());
}

ClockReading read_clock() noexcept {
    if (!has_counter_clock()) {
        const std::int64_t now = monotonic_ns();
        return {now, now};
    }
    // The tightest of a few pairs: an interrupt between two readings would otherwise look like a slow clock.
    ClockReading best{};
    Ticks best_width = 0;
    for (int i = 0; i < 5; ++i) {
        const Ticks before = now_ticks();
        const std::int64_t nanoseconds = monotonic_ns();
        const Ticks after = now_ticks();
        if (i == 0 || after - before < best_width) {
            best_width = after - before;
            best = {before + (after - before) / 2, nanoseconds};
        }
    }
    return best;
}

double nanoseconds_per_tick_between(const ClockReading& from, const ClockReading& to) noexcept {
    return static_cast<double>(to.nanoseconds - from.nanoseconds) / static_cast<double>(to.ticks - from.ticks);
}

TickScale::TickScale() noexcept : start_(read_clock()) {}

double TickScale::nanoseconds_per_tick() const noexcept {
    if (!has_counter_clock()) return 1.0;
#if defined(__APPLE__)
    mach_timebase_info_data_t length{};
    if (mach_timebase_info(&length) == KERN_SUCCESS && length.denom != 0) {
        return static_cast<double>(length.numer) / static_cast<double>(length.denom);
    }
#endif
    ClockReading now = read_clock();
    if (now.nanoseconds - start_.nanoseconds < kMinimumSpanNs) {
        std::this_thread::sleep_for(std::chrono::nanoseconds(kMinimumSpanNs));
        now = read_clock();
    }
    return nanoseconds_per_tick_between(start_, now);
}

const TickScale& tick_scale() noexcept {
    static const TickScale scale;
    return scale;
}

}  // namespace tracypy::base
