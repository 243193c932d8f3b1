// Zones as Python takes them, some at a time, from a file in memory or one that is read once more.
#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>

#include "model/zone_supply.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::bindings {

struct ZonesOfFile {
    const tracefile::ReadResult& file;
    std::unique_ptr<model::ZoneSupply> zones;
    model::ZoneSupply::Batch batch{};  // what is left of it

    void start(std::size_t thread, bool with_children) {
        batch = {};
        zones->start(thread, with_children);
    }
    /// The next ones, `most` at most; good until the next call.
    model::ZoneSupply::Batch take(std::size_t most) {
        if (batch.zones.empty()) batch = zones->more();
        const std::size_t count = std::min(most, batch.zones.size());
        const std::size_t timed = std::min(count, batch.children_ns.size());
        const model::ZoneSupply::Batch taken{batch.zones.first(count), batch.children_ns.first(timed)};
        batch = {batch.zones.subspan(count), batch.children_ns.subspan(timed)};
        return taken;
    }
};

}  // namespace tracypy::bindings
