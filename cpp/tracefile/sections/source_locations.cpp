// Where zones come from, and how many zones come from each.
#include <algorithm>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write_location(Output& file, const model::SourceLocation& location) {
    file.reference(location.name);
    file.reference(location.function);
    file.reference(location.file);
    file.put(location.line);
    file.put(swap_red_blue(location.color));
}

/// Of used locations only: viewers look each up without a check. What has no number of its own shares the first.
void write_zone_counts(Output& file) {
    std::vector<std::uint64_t> counts;
    for (std::size_t i = 0; i < file.trace.locations.size(); ++i) {
        const std::uint64_t zones = file.zones.zones_at(static_cast<model::LocationIndex>(i));
        if (i < kMaxLocations) {
            counts.push_back(zones);
        } else {
            counts[0] += zones;
        }
    }
    file.count(counts.size() - static_cast<std::size_t>(std::count(counts.begin(), counts.end(), 0)));
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] == 0) continue;
        file.put(location_number(i));
        file.put(counts[i]);
    }
}

// Dynamic ones first, then static ones, as location_number() says.
void write_source_locations(Output& file) {
    const std::vector<model::SourceLocation>& locations = file.trace.locations;
    const std::size_t numbered = std::min(locations.size(), kMaxLocations);
    const std::size_t dynamic_ones = std::min(numbered, kMaxDynamicLocations);
    const std::size_t static_ones = numbered - dynamic_ones;
    file.count(static_ones);
    for (std::size_t i = 0; i < static_ones; ++i) {
        file.put(std::uint64_t{i + 1});
        write_location(file, locations[dynamic_ones + i]);
    }
    file.count(static_ones + 1);
    for (std::size_t i = 0; i <= static_ones; ++i) file.put(std::uint64_t{i});
    file.count(dynamic_ones);
    for (std::size_t i = 0; i < dynamic_ones; ++i) write_location(file, locations[i]);
    write_zone_counts(file);
    file.count(0);  // the same of GPU zones
}

model::SourceLocation read_location(Input& file) {
    model::SourceLocation location;
    location.name = file.reference();
    location.function = file.reference();
    location.file = file.reference();
    location.line = file.get<std::uint32_t>();
    location.color = swap_red_blue(file.get<std::uint32_t>());
    return location;
}

void read_static_ones(Input& file) {
    std::vector<model::SourceLocation>& locations = file.trace().locations;
    std::unordered_map<std::uint64_t, model::LocationIndex> by_pointer;
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) {
        const auto pointer = file.get<std::uint64_t>();
        by_pointer.emplace(pointer, static_cast<model::LocationIndex>(locations.size()));
        locations.push_back(read_location(file));
    }
    const std::uint64_t numbers = file.count();
    for (std::uint64_t i = 0; i < numbers; ++i) {
        const auto found = by_pointer.find(file.get<std::uint64_t>());
        file.locations.static_ones.push_back(found == by_pointer.end() ? LocationNumbers::kUnknown : found->second);
    }
}

void read_source_locations(Input& file) {
    read_static_ones(file);
    std::vector<model::SourceLocation>& locations = file.trace().locations;
    file.locations.first_dynamic = static_cast<model::LocationIndex>(locations.size());
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) locations.push_back(read_location(file));
    file.locations.dynamic_count = static_cast<std::size_t>(count);
    file.skip_list(2 + 8);  // zones per location, GPU zones per location: we count for ourselves
    file.skip_list(2 + 8);
}

}  // namespace

const Section kSourceLocations{.write = write_source_locations, .read = read_source_locations};

}  // namespace tracypy::tracefile::sections
