// Which processors there were: packages, dies, cores, their threads.
#include <algorithm>
#include <vector>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::ProcessorPlace;
using Places = std::vector<ProcessorPlace>;

constexpr Version kDies{0, 11, 2};  // between package and core

Version oldest_for_topology(const model::Trace& trace) {
    const auto has_die = [](const ProcessorPlace& place) { return place.die != 0; };
    return std::ranges::any_of(trace.processors, has_die) ? kDies : kOldestWritten;
}

/// Calls write_group for each run of places that have the same number, behind their count.
template <typename WriteGroup>
void write_groups(Output& file, const Places& places, std::uint32_t ProcessorPlace::* number, WriteGroup write_group) {
    std::vector<Places> groups;
    for (const ProcessorPlace& place : places) {
        if (groups.empty() || groups.back().back().*number != place.*number) groups.emplace_back();
        groups.back().push_back(place);
    }
    file.count(groups.size());
    for (const Places& group : groups) {
        file.put(group.front().*number);
        write_group(group);
    }
}

void write_cores(Output& file, const Places& places) {
    write_groups(file, places, &ProcessorPlace::core, [&file](const Places& core) {
        file.count(core.size());
        for (const ProcessorPlace& place : core) file.put(place.thread);
    });
}

void write_topology(Output& file) {
    Places places = file.trace.processors;
    std::ranges::sort(places);
    write_groups(file, places, &ProcessorPlace::package, [&file](const Places& package) {
        if (!file.since(kDies)) return write_cores(file, package);
        write_groups(file, package, &ProcessorPlace::die, [&file](const Places& die) { write_cores(file, die); });
    });
}

void read_cores(Input& file, ProcessorPlace place) {
    const std::uint64_t cores = file.count();
    for (std::uint64_t i = 0; i < cores; ++i) {
        place.core = file.get<std::uint32_t>();
        const std::uint64_t threads = file.count();
        for (std::uint64_t thread = 0; thread < threads; ++thread) {
            place.thread = file.get<std::uint32_t>();
            file.trace().processors.push_back(place);
        }
    }
}

void read_topology(Input& file) {
    const std::uint64_t packages = file.count();
    for (std::uint64_t i = 0; i < packages; ++i) {
        ProcessorPlace place{.package = file.get<std::uint32_t>()};
        if (!file.since(kDies)) {
            read_cores(file, place);
            continue;
        }
        const std::uint64_t dies = file.count();
        for (std::uint64_t die = 0; die < dies; ++die) {
            place.die = file.get<std::uint32_t>();
            read_cores(file, place);
        }
    }
}

}  // namespace

const Section kTopology{.oldest = oldest_for_topology, .write = write_topology, .read = read_topology};

}  // namespace tracypy::tracefile::sections
