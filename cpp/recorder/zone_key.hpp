// What tells open zones apart.
#pragma once

#include <cstdint>

#include "base/ids.hpp"
#include "events/words.hpp"

namespace tracypy::recorder {

/// A code object's address, or a token of ThreadBuffer::new_token or ZoneRows. The low bits, which no address uses:
using ZoneKey = std::uintptr_t;
inline constexpr ZoneKey kByHand = 1;   // opened by the program, not a call
inline constexpr ZoneKey kWatched = 2;  // on a stack only: there is more to its end than writing it down
inline constexpr ZoneKey kOnRow = 4;    // by hand, on a row of its own: see ZoneRows
inline constexpr unsigned kKeyBits = 3;
/// Of a call: the address is that of the frame of a coroutine on a fiber. No address has this bit, either.
inline constexpr ZoneKey kFrame = ZoneKey{1} << 63;

class OpenZone {
public:
    ZoneKey key;

    OpenZone() noexcept = default;
    OpenZone(ZoneKey zone, events::BeginBits begin) noexcept : key(zone), begin_(begin.bits()) {}
    OpenZone(ZoneKey zone, base::SourceLocationId location,
             base::CallstackId callstack = base::CallstackId::None) noexcept
        : key(zone),
          begin_(static_cast<std::uint64_t>(callstack) << kCallstackShift | events::BeginBits(location).bits()) {}
    base::SourceLocationId location() const noexcept { return events::BeginBits::of(begin_).location(); }
    /// With which it begins, if it has not yet.
    base::CallstackId callstack() const noexcept { return static_cast<base::CallstackId>(begin_ >> kCallstackShift); }
    ZoneKey id() const noexcept { return key & ~kWatched; }
    /// What begins next is another part of it.
    void go_on_as(base::SourceLocationId location) noexcept { begin_ = events::BeginBits(location).bits(); }

private:
    static constexpr unsigned kCallstackShift = 32;

    std::uint64_t begin_;  // the lower half as the hot path has it
};

/// Not one that the program opened by hand.
inline bool is_call(const OpenZone& zone) noexcept {
    return (zone.key & kByHand) == 0;
}

/// A call of a coroutine whose zones wait with their fiber.
inline bool is_of_frame(const OpenZone& zone) noexcept {
    return (zone.key & (kByHand | kFrame)) == kFrame;
}

}  // namespace tracypy::recorder
