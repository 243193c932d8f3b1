#include "base/clock.hpp"

#include <chrono>
#include <ctime>
#include <thread>

#if TRACYPY_HAS_TSC && !defined(_MSC_VER)
#include <cpuid.h>
#endif

namespace tracypy::base {

#if TRACYPY_HAS_TSC
namespace {

// CPUID leaf 0x80000007, EDX bit 8: the counter runs at a constant rate in all power states.
bool tsc_is_invariant() noexcept {
#if defined(_MSC_VER)
    int registers[4];
    __cpuid(registers, static_cast<int>(0x80000000));
    if (static_cast<unsigned>(registers[0]) < 0x80000007u) return false;
    __cpuid(registers, static_cast<int>(0x80000007));
    return (registers[3] & (1 << 8)) != 0;
#else
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(0x80000007u, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 8)) != 0;
#endif
}

}  // namespace

const bool kTscIsInvariant = tsc_is_invariant();
#endif

std::int64_t monotonic_ns() noexcept {
#if defined(__APPLE__)
    return static_cast<std::int64_t>(clock_gettime_nsec_np(CLOCK_UPTIME_RAW));  // steady_clock goes on in sleep
#else
    using namespace std::chrono;
    return duration_cast<nanoseconds>(steady_clock::now().time_since_epoch()).count();
#endif
}

std::uint64_t unix_seconds() noexcept {
    using namespace std::chrono;
    return static_cast<std::uint64_t>(duration_cast<seconds>(system_clock::now().time_since_epoch()).count());
}

ClockReading read_clock() noexcept {
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

TickScale::TickScale() noexcept : start_(read_clock()) {}

double TickScale::nanoseconds_per_tick() const noexcept {
#if TRACYPY_HAS_TSC
    if (kTscIsInvariant) {
        ClockReading now = read_clock();
        if (now.nanoseconds - start_.nanoseconds < kMinimumSpanNs) {
            std::this_thread::sleep_for(std::chrono::nanoseconds(kMinimumSpanNs));
            now = read_clock();
        }
        return static_cast<double>(now.nanoseconds - start_.nanoseconds) /
               static_cast<double>(now.ticks - start_.ticks);
    }
#endif
    return 1.0;
}

const TickScale& tick_scale() noexcept {
    static const TickScale scale;
    return scale;
}

}  // namespace tracypy::base
