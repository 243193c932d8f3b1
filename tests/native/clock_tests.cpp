// Which clock events are stamped with, and that the times of every counter come out right.
#include <array>
#include <cmath>

#include "base/clock.hpp"
#include "base/clock_choice.hpp"
#include "check.hpp"
#include "model/time_scale.hpp"

namespace tracypy::native_tests {
namespace {

using base::choose_clock;
using base::ClockReading;
using base::ClockReason;
using base::Ticks;

/// Steps in a second: of the generic timers of ARM64 (Apple's, the Raspberry Pi's, Ampere's, Graviton's, the
/// architecture's own from ARMv8.6 on), and of time stamp counters.
constexpr std::array<double, 13> kFrequencies{19.2e6,    24e6, 25e6,   50e6,  54e6,       62.5e6,     100e6,
                                              121.875e6, 1e9,  1.05e9, 2.0e9, 2.900009e9, 5.7123456e9};

/// The counter shows what it has counted by now, in whole steps; the nanoseconds are read so long afterwards.
ClockReading reading(double seconds, double frequency, double late_ns) {
    return {static_cast<Ticks>(std::floor(seconds * frequency)), static_cast<std::int64_t>(seconds * 1e9 + late_ns)};
}

}  // namespace

TEST(the_counter_is_taken_unless_something_speaks_against_it) {
    CHECK((choose_clock("", true, true, "tsc") == base::ClockChoice{true, ClockReason::Usual}));
    CHECK((choose_clock("auto", true, true, "arch_sys_counter") == base::ClockChoice{true, ClockReason::Usual}));
    CHECK((choose_clock("", true, true, "") == base::ClockChoice{true, ClockReason::Usual}));
    CHECK((choose_clock("", true, false, "tsc") == base::ClockChoice{false, ClockReason::Unsteady}));
    CHECK((choose_clock("", true, true, "xen") == base::ClockChoice{false, ClockReason::OtherClock}));
    CHECK((choose_clock("", true, true, "hpet") == base::ClockChoice{false, ClockReason::OtherClock}));
    CHECK((choose_clock("", true, true, "kvm-clock") == base::ClockChoice{false, ClockReason::OtherClock}));
    CHECK((choose_clock("", false, true, "jiffies") == base::ClockChoice{false, ClockReason::NoCounter}));
}

TEST(what_the_user_wants_is_done_where_it_can_be) {
    CHECK((choose_clock("monotonic", true, true, "tsc") == base::ClockChoice{false, ClockReason::Asked}));
    CHECK((choose_clock("Monotonic", true, true, "tsc") == base::ClockChoice{false, ClockReason::Asked}));
    CHECK((choose_clock("counter", true, false, "xen") == base::ClockChoice{true, ClockReason::Asked}));
    CHECK((choose_clock("counter", false, true, "") == base::ClockChoice{false, ClockReason::NoCounter}));
}

TEST(this_process_reads_the_clock_that_was_chosen) {
    CHECK(base::has_counter_clock() == base::clock_choice().counts);
    const ClockReading one = base::read_clock();
    const Ticks now = base::now_ticks();
    CHECK(one.ticks <= now);
    if (!base::has_counter_clock()) CHECK(one.ticks == one.nanoseconds);
}

TEST(times_are_right_to_a_ten_thousandth_whatever_the_counter_is) {
    constexpr double kUptimeS = 40.0 * 24 * 3600, kSpanS = base::TickScale::kMinimumSpanNs * 1e-9, kLateNs = 50;
    for (const double frequency : kFrequencies) {
        for (const double phase : {0.0, 0.25, 0.5, 0.99}) {
            const double begin_s = kUptimeS + phase / frequency;
            const ClockReading begin = reading(begin_s, frequency, kLateNs);
            const ClockReading end = reading(begin_s + kSpanS + phase / frequency, frequency, -kLateNs);
            const double ns_per_tick = base::nanoseconds_per_tick_between(begin, end);
            const model::TimeScale to_ns{begin.ticks, ns_per_tick};
            for (const double seconds : {1e-3, 1.0, 3600.0, 30.0 * 24 * 3600}) {
                const auto ns = static_cast<double>(to_ns(reading(begin_s + seconds, frequency, 0).ticks));
                const double most = seconds * 1e9 * 1e-4 + 1e9 / frequency + 1;
                CHECK(std::abs(ns - seconds * 1e9) <= most);
            }
        }
    }
}

}  // namespace tracypy::native_tests
