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

struct OpenZone {
    ZoneKey key;
    events::BeginBits begin;  // as the hot path has it

    OpenZone() noexcept = default;
    OpenZone(ZoneKey zone, events::BeginBits bits) noexcept : key(zone), begin(bits) {}
    OpenZone(ZoneKey zone, base::SourceLocationId location) noexcept : key(zone), begin(location) {}
    base::SourceLocationId location() const noexcept { return begin.location(); }
    ZoneKey id() const noexcept { return key & ~kWatched; }
};

/// Not one that the program opened by hand.
inline bool is_call(const OpenZone& zone) noexcept {
    return (zone.key & kByHand) == 0;
}

}  // namespace tracypy::recorder
