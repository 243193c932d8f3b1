// Zone tables as trace files store them: depth first, each zone as
//
//     int16 location, int64 start, uint32 extra, uint32 number of children, the children, int64 end
//
// with both times as differences to the time before, whatever that was. A list starts with its uint32 length.
// Example: a zone from 5 to 9 with one child from 6 to 8, alone: 1 | loc 5 0 1 | loc 1 0 0 2 | 1.
#pragma once

#include <cstdint>
#include <span>

#include "model/zones.hpp"
#include "tracefile/block_reader.hpp"
#include "tracefile/block_writer.hpp"

namespace tracypy::tracefile {

/// `locations`: the number in the file for each LocationIndex.
void write_zones(BlockWriter& writer, const model::ZoneTable& zones, std::span<const std::int16_t> locations);

/// How a reader finds the location of a zone.
struct LocationNumbers {
    static constexpr model::LocationIndex kUnknown = 0xFFFF'FFFF;

    std::span<const model::LocationIndex> static_ones;  // kUnknown where the file names none
    model::LocationIndex first_dynamic;
    std::size_t dynamic_count;

    model::LocationIndex find(std::int16_t number) const noexcept {
        const int index = number;
        if (index < 0) {
            const auto dynamic = static_cast<std::size_t>(-1 - index);
            return dynamic < dynamic_count ? first_dynamic + static_cast<model::LocationIndex>(dynamic) : kUnknown;
        }
        return static_cast<std::size_t>(index) < static_ones.size() ? static_ones[static_cast<std::size_t>(index)]
                                                                    : kUnknown;
    }
};

/// Reads one list with everything in it. `extra_count` bounds the numbers of extras.
void read_zones(BlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                model::ZoneTable& zones);

}  // namespace tracypy::tracefile
