#include "tracefile/zone_stream.hpp"

#include <vector>

namespace tracypy::tracefile {
namespace {

constexpr std::size_t kZoneHeadBytes = 2 + 8 + 4 + 4;

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

}  // namespace

void read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                model::ZoneTable& zones) {
    struct Open {
        std::size_t zone;
        std::uint32_t children_left;
    };
    std::uint32_t roots = reader.get<std::uint32_t>();
    std::vector<Open> open;
    std::uint64_t reference = 0;
    while (roots > 0 || !open.empty()) {
        const ZoneHead head = get_head(reader);
        reference += head.start;
        const model::LocationIndex location = locations.find(head.location);
        if (location == LocationNumbers::kUnknown || head.extra >= extra_count) {
            throw FormatError("the trace file is damaged: a zone refers to what is not there");
        }
        zones.push_back({static_cast<std::int64_t>(reference), model::kOpen, location, head.extra, head.children,
                         static_cast<std::uint32_t>(open.size())});
        if (head.children != 0) {
            open.push_back({zones.size() - 1, head.children});
            continue;
        }
        reference += reader.get<std::uint64_t>();
        zones.back().end_ns = static_cast<std::int64_t>(reference);
        while (!open.empty() && --open.back().children_left == 0) {
            reference += reader.get<std::uint64_t>();
            zones[open.back().zone].end_ns = static_cast<std::int64_t>(reference);
            open.pop_back();
        }
        if (open.empty()) --roots;
    }
}

}  // namespace tracypy::tracefile
