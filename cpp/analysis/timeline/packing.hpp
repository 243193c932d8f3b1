// Rows of a timeline as bytes, for a page that has them in itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/timeline/timeline.hpp"

namespace tracypy::analysis {

/// Which zones are kept of a lane: those that took so long, if what is around them is kept.
struct PackedLane {
    std::string bytes;
    std::vector<std::uint32_t> extras;  // that kept zones refer to, by their number
    std::uint64_t kept = 0;
};

/// The number of rows; of each the number of zones kept, then of each zone: the time since the end of the one before,
/// duration, self time, location, number of children kept, extra. All of them variable in length: seven bits a byte,
/// the lowest first. A time before 0 is 0.
PackedLane packed(const Lane& lane, bool is_nested, std::int64_t least_ns);

/// From which duration on there are no more than so many zones, by what is known of how long calls took; 0 for all.
std::int64_t least_duration(const Timeline& timeline, std::uint64_t most_zones);

}  // namespace tracypy::analysis
