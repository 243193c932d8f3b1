#include "tracefile/zone_stream.hpp"

#include <limits>
#include <vector>

namespace tracypy::tracefile {
namespace {

constexpr std::size_t kZoneHeadBytes = 2 + 8 + 4 + 4;
constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

struct ZoneHead {
    std::int16_t location;
    std::uint64_t start;
    std::uint32_t extra, children;
};

ZoneHead get_head(FileBlockReader& reader) {
    char bytes[kZoneHeadBytes];
    const char* at = reader.peek(kZoneHeadBytes);
    if (at != nullptr) [[likely]] {
        reader.advance(kZoneHeadBytes);
    } else {
        reader.get_bytes(bytes, kZoneHeadBytes);
        at = bytes;
    }
    ZoneHead head;
    std::memcpy(&head.location, at, 2);
    std::memcpy(&head.start, at + 2, 8);
    std::memcpy(&head.extra, at + 10, 4);
    std::memcpy(&head.children, at + 14, 4);
    return head;
}

/// Calls `begin(head, location, start_ns, depth)` and `end(end_ns)` in the order of the file, for `most` zones more.
template <typename Begin, typename End>
void walk_list(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count, PlaceInList& place,
               std::uint64_t most, Begin&& begin, End&& end) {
    std::uint32_t roots = place.roots_left;
    std::vector<std::uint32_t>& children_left = place.children_left;
    std::uint64_t reference = place.reference;
    const auto end_one = [&] {
        reference += reader.get<std::uint64_t>();
        end(static_cast<std::int64_t>(reference));
    };
    for (; most > 0 && (roots > 0 || !children_left.empty()); --most) {
        const ZoneHead head = get_head(reader);
        reference += head.start;
        const model::LocationIndex location = locations.find(head.location);
        if (location == LocationNumbers::kUnknown || head.extra >= extra_count) {
            throw FormatError("the trace file is damaged: a zone refers to what is not there");
        }
        begin(head, location, static_cast<std::int64_t>(reference), static_cast<std::uint32_t>(children_left.size()));
        if (head.children != 0) {
            children_left.push_back(head.children);
            continue;
        }
        end_one();
        while (!children_left.empty() && --children_left.back() == 0) {
            children_left.pop_back();
            end_one();
        }
        if (children_left.empty()) --roots;
    }
    place.roots_left = roots;
    place.reference = reference;
}

}  // namespace

void read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                model::ZoneTable& zones) {
    std::vector<std::size_t> open;
    PlaceInList place(reader);
    walk_list(
        reader, locations, extra_count, place, kAll,
        [&](const ZoneHead& head, model::LocationIndex location, std::int64_t start_ns, std::uint32_t depth) {
            open.push_back(zones.size());
            zones.push_back({start_ns, model::kOpen, location, head.extra, head.children, depth});
        },
        [&](std::int64_t end_ns) {
            zones[open.back()].end_ns = end_ns;
            open.pop_back();
        });
}

std::uint64_t read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                         PlaceInList& place, std::uint64_t most, model::ZoneSink& zones) {
    std::uint64_t count = 0;
    walk_list(
        reader, locations, extra_count, place, most,
        [&](const ZoneHead& head, model::LocationIndex location, std::int64_t start_ns, std::uint32_t) {
            zones.begin(location, start_ns, head.extra, head.children);
            ++count;
        },
        [&](std::int64_t end_ns) { zones.end(end_ns); });
    return count;
}

std::uint64_t read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                         model::ZoneSink& zones) {
    PlaceInList place(reader);
    return read_zones(reader, locations, extra_count, place, kAll, zones);
}

}  // namespace tracypy::tracefile
