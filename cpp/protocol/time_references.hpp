// Times on the wire: whole ticks, or differences to a running time that both sides keep.
//
// There are four running times, and the row of an event says which of them a field belongs to: that of the selected
// thread (zones, plots, fibers, sections, most GPU zones), that of the queue which all threads share (locks, memory),
// that of the system (context switches, wake-ups, samples) and that of the GPUs. A ThreadContext event sets the first
// to zero. The end of a block resets nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
#include "protocol/fields.hpp"

namespace tracypy::protocol {

// Protocol 78 and later, zones and samples: a difference goes into the smallest form that holds it, and a larger form
// never repeats what a smaller one can say: 16 bits hold 0 .. 65,535, 32 bits what comes above less 65,536, 64 bits the
// rest less both. A negative one is sent as it is, in 64 bits. Example: 70,000 is the 32-bit form with 4,464.
inline constexpr base::Ticks kBias16 = base::Ticks{1} << 16;
inline constexpr base::Ticks kBias32 = kBias16 + (base::Ticks{1} << 32);

/// The difference behind the 64-bit form; that of the others is `value` and `value + kBias16`.
constexpr std::int64_t whole_difference(std::int64_t wide) noexcept {
    return wide >= 0 && wide <= INT64_MAX - kBias32 ? wide + kBias32 : wide;
}

/// The running times of one side of a connection. Any number is safe: the sums of a peer's may overflow.
class TimeReferences {
public:
    /// Reading: moves a running time by what came, and returns where it is now.
    base::Ticks advance(TimeReference reference, std::int64_t difference) noexcept {
        std::uint64_t& time = times_[static_cast<std::size_t>(reference)];
        time += static_cast<std::uint64_t>(difference);
        return static_cast<base::Ticks>(time);
    }

    /// Writing: moves a running time to `tick`, and returns the difference to send.
    std::int64_t move_to(TimeReference reference, base::Ticks tick) noexcept {
        std::uint64_t& time = times_[static_cast<std::size_t>(reference)];
        const std::uint64_t difference = static_cast<std::uint64_t>(tick) - time;
        time = static_cast<std::uint64_t>(tick);
        return static_cast<std::int64_t>(difference);
    }

    base::Ticks last(TimeReference reference) const noexcept {
        return static_cast<base::Ticks>(times_[static_cast<std::size_t>(reference)]);
    }

    /// Another thread was selected.
    void select_thread() noexcept { times_[static_cast<std::size_t>(TimeReference::Thread)] = 0; }

private:
    std::array<std::uint64_t, static_cast<std::size_t>(TimeReference::None)> times_{};
};

}  // namespace tracypy::protocol
