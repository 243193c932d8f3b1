// What a page has to know of a row to draw it: what is wider than a pixel as it is, what is narrower merged.
//
// The cost is bounded by the number of pixels, however many zones there are: where all is narrower, the pyramid has it
// merged already.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "analysis/timeline/row.hpp"
#include "model/messages.hpp"
#include "model/zones.hpp"

namespace tracypy::analysis {

/// A zone, or several that lie within a pixel: then it is from the start of the first to the end of the last, and zone,
/// location and colour are those of the longest. The layout is plain: it goes to the page as it is.
struct DrawnBox {
    double start_ns;
    double end_ns;
    std::uint32_t location;
    std::uint32_t count;
    std::uint32_t zone;     // its number in the row
    std::uint32_t covered;  // how much of the time from start to end zones take, in millionths
    std::uint32_t extra;    // index into Trace::zone_extras; 0: none
    std::uint32_t color;    // 0xRRGGBB of its own, zero for none
};
static_assert(sizeof(DrawnBox) == 40);

/// Appends what lies in a span, where a pixel is `pixel_ns` wide: at most some three boxes for each pixel. Merged are
/// only zones that begin in the span, so that spans side by side have each zone once, but for those that reach over.
void draw(const Row& row, std::int64_t from_ns, std::int64_t to_ns, std::int64_t pixel_ns,
          std::span<const model::ZoneExtra> extras, std::vector<DrawnBox>& boxes);

/// The same of messages: `zone` is the number of the first, `location` its thread.
void draw_messages(std::span<const model::Message> messages, std::int64_t from_ns, std::int64_t to_ns,
                   std::int64_t pixel_ns, std::vector<DrawnBox>& boxes);

}  // namespace tracypy::analysis
