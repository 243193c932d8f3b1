// Which clock events are stamped with. The counter costs least, but not every machine's tells the time.
#pragma once

#include <string_view>

namespace tracypy::base {

enum class ClockReason : unsigned char {
    Usual,       // the counter, as nothing speaks against it
    Asked,       // whatever it is: TRACYPY_CLOCK wants it
    NoCounter,   // the system's clock: there is nothing else
    Unsteady,    // the system's clock: the counter does not run at one rate on every core
    OtherClock,  // the system's clock: the system itself takes its time from something else than the counter
};

struct ClockChoice {
    bool counts;  // false: the clock of the system
    ClockReason reason;

    bool operator==(const ClockChoice&) const = default;
};

/// `wish`: the value of TRACYPY_CLOCK, as people write it; unknown words say nothing. `is_steady`: the processor
/// promises that its counter is. `source`: what the system takes its time from; empty where it does not say.
ClockChoice choose_clock(std::string_view wish, bool has_counter, bool is_steady, std::string_view source) noexcept;

/// What the system takes its time from, such as "tsc" or "xen", as it was at the start. Empty where it does not say.
std::string_view clock_source() noexcept;
/// That of this process, made before main.
ClockChoice clock_choice() noexcept;

}  // namespace tracypy::base
