// The zones of a thread, as one flat table in the order in which they began.
//
// A zone's descendants follow it directly, so a table is a tree without pointers: the first child of zone i is i + 1
// (if it has children), and its next sibling comes after all of its descendants. Trace files want the number of
// children before the children, which is why it is kept. The layout is plain, so that NumPy can look at it in place.
#pragma once

#include <cstdint>
#include <vector>

#include "model/source_locations.hpp"

namespace tracypy::model {

struct Zone {
    std::int64_t start_ns;
    std::int64_t end_ns;  // kOpen: never ended (only in files of others)
    LocationIndex location;
    std::uint32_t extra;     // index into Trace::zone_extras; 0: none
    std::uint32_t children;  // direct ones
    std::uint32_t depth;     // 0: at the top
};
static_assert(sizeof(Zone) == 32);

inline constexpr std::int64_t kOpen = -1;

/// What only a few zones have.
struct ZoneExtra {
    TextId text = TextId::None;  // texts and values, each on a line of its own
    TextId name = TextId::None;
    std::uint32_t color = 0;      // 0xRRGGBB, zero for none
    std::uint32_t callstack = 0;  // index into Trace::callstacks.stacks; 0: none
};

using ZoneTable = std::vector<Zone>;

}  // namespace tracypy::model
