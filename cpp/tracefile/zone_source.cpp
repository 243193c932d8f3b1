#include "tracefile/zone_source.hpp"

#include <vector>

#include "base/error.hpp"

namespace tracypy::tracefile {

std::uint64_t zones_of_all(const ZoneSource& zones, std::size_t threads) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < threads; ++i) sum += zones.zones_of(i);
    return sum;
}

TableZones::TableZones(const model::Trace& trace) : trace_(trace), zones_at_(trace.locations.size(), 0) {
    for (const model::Thread& thread : trace.threads) {
        for (const model::Zone& zone : thread.zones) {
            parents_ += zone.children != 0 ? 1 : 0;
            ++zones_at_[zone.location];
        }
    }
}

void TableZones::write(std::size_t thread, FileBlockWriter& out, std::span<const std::int16_t> numbers) {
    struct Open {
        std::int64_t end_ns;
        std::uint32_t children_left;
    };
    const model::ZoneTable& zones = trace_.threads[thread].zones;
    std::uint32_t roots = 0;
    for (const model::Zone& zone : zones) roots += zone.depth == 0 ? 1 : 0;
    ZoneListWriter list(out, numbers);
    list.start(roots);
    std::vector<Open> open;
    for (const model::Zone& zone : zones) {
        list.begin(zone.location, zone.start_ns, zone.extra, zone.children);
        if (zone.children != 0) {
            open.push_back({zone.end_ns, zone.children});
            continue;
        }
        list.end(zone.end_ns);
        while (!open.empty() && --open.back().children_left == 0) {
            list.end(open.back().end_ns);
            open.pop_back();
        }
    }
    if (!open.empty())
        throw base::Error(
            base::problem<base::ErrorCode::TraceNotWritten>("a zone table with more children than zones"));
}

}  // namespace tracypy::tracefile
