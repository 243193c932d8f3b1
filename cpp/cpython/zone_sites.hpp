// Where in the program tracypy.zone("x") stands, as a source location: looked up once per call site and name.
#pragma once

#include <cstdint>

#include "base/callstacks.hpp"
#include "base/ids.hpp"
#include "cpython/compat.hpp"
#include "cpython/with_blocks.hpp"
#include "events/words.hpp"

namespace tracypy::cpython {

/// In one word, which is what it is on the hot path.
class ZoneSite {
public:
    constexpr ZoneSite(base::SourceLocationId location, bool name_with_zone, ZoneManner manner)
        : packed_(static_cast<std::uint64_t>(events::BeginBits(location).bits()) << 32 |
                  static_cast<std::uint64_t>(manner) << 1 | (name_with_zone ? 1 : 0)) {}

    constexpr events::BeginBits begin() const { return events::BeginBits::of(packed_ >> 32); }
    constexpr base::SourceLocationId location() const { return begin().location(); }
    constexpr ZoneManner manner() const { return static_cast<ZoneManner>(packed_ >> 1 & 3); }
    /// How many frames of its call stack go with the zone.
    constexpr unsigned callstack() const { return packed_ >> kCallstackShift & kCallstackMask; }
    constexpr void set_callstack(unsigned frames) { packed_ |= static_cast<std::uint64_t>(frames) << kCallstackShift; }
    /// This call site has made so many names that this one goes with the zone, not with the source location.
    constexpr bool name_with_zone() const { return (packed_ & 1) != 0; }

private:
    static constexpr unsigned kCallstackShift = 3;
    static constexpr unsigned kCallstackMask = 63;
    static_assert(base::CallstackTable::kMostFrames <= kCallstackMask);

    std::uint64_t packed_;
};

/// The site of the Python frame that is calling us. `name` is a str.
ZoneSite zone_site(PyObject* name, std::uint32_t color) noexcept;

}  // namespace tracypy::cpython
