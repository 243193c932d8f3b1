// The zones of a thread that are wanted, with ends, properly nested: what formats want that know no zone without an
// end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/kept_around.hpp"
#include "model/zone_supply.hpp"

namespace tracypy::exporting {

struct NestedZone {
    std::int64_t start_ns;  // these nest, and never go back
    std::int64_t end_ns;
    std::uint32_t depth;  // how many of the wanted zones it lies in
    const model::Zone* zone;
};

/// Yields them in the order of their beginnings, parents first, in memory that their depth bounds. A zone that never
/// ended ends with its parent, or with the recording. What lies in a zone that is left out belongs to the one around.
/// Recordings of others may hold zones that overlap; those are shortened.
class NestedZones {
public:
    /// Of the thread that `zones` is at; `is_wanted` says it of each location. Both must stay.
    NestedZones(model::ZoneSupply& zones, const std::vector<bool>& is_wanted, std::int64_t last_ns)
        : zones_(&zones), is_wanted_(&is_wanted), last_ns_(last_ns) {}

    /// Null after the last one; else good until the next call.
    const NestedZone* next();

private:
    struct Level {
        std::int64_t end_ns = 0;    // of the zone that is open at this depth
        std::int64_t floor_ns = 0;  // the first time at which the next one may begin
    };

    const NestedZone* place(const model::Zone& zone);

    model::ZoneSupply* zones_;
    std::span<const model::Zone> batch_;
    const std::vector<bool>* is_wanted_;
    std::int64_t last_ns_;
    std::size_t index_ = 0;  // in the batch
    model::KeptAround around_;
    std::vector<Level> levels_{{}};
    NestedZone found_{};
};

}  // namespace tracypy::exporting
