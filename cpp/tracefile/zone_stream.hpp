// Zone tables as trace files store them: depth first, each zone as
//
//     int16 location, int64 start, uint32 extra, uint32 number of children, the children, int64 end
//
// with both times as differences to the time before, whatever that was. A list starts with its uint32 length.
// Example: a zone from 5 to 9 with one child from 6 to 8, alone: 1 | loc 5 0 1 | loc 1 0 0 2 | 1.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "model/zone_sink.hpp"
#include "model/zones.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/file_block_writer.hpp"

namespace tracypy::tracefile {

/// Writes one list: its length, then each zone's begin and end in the order in which they happened.
class ZoneListWriter {
public:
    /// `locations`: the number in the file for each LocationIndex.
    ZoneListWriter(FileBlockWriter& writer, std::span<const std::int16_t> locations)
        : writer_(writer), locations_(locations) {}

    /// `roots`: zones at the top.
    void start(std::uint32_t roots) { writer_.put(roots); }
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra, std::uint32_t children) {
        char* cursor = put(writer_.cursor(), locations_[location]);
        cursor = put(cursor, difference(start_ns));
        cursor = put(cursor, extra);
        writer_.advance(put(cursor, children));
    }
    void end(std::int64_t end_ns) { writer_.put(difference(end_ns)); }

private:
    template <typename T>
    static char* put(char* cursor, T value) noexcept {
        std::memcpy(cursor, &value, sizeof(T));
        return cursor + sizeof(T);
    }
    /// Without sign, since a zone that never ended has end -1 and damaged files have anything.
    std::uint64_t difference(std::int64_t time) noexcept {
        const std::uint64_t delta = static_cast<std::uint64_t>(time) - reference_;
        reference_ = static_cast<std::uint64_t>(time);
        return delta;
    }

    FileBlockWriter& writer_;
    std::span<const std::int16_t> locations_;
    std::uint64_t reference_ = 0;
};

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

/// How far a list has been read.
struct PlaceInList {
    /// At the start of one.
    explicit PlaceInList(FileBlockReader& reader) : roots_left(reader.get<std::uint32_t>()) {}

    bool at_end() const noexcept { return roots_left == 0 && children_left.empty(); }

    std::uint32_t roots_left;
    std::vector<std::uint32_t> children_left;  // of each open zone
    std::uint64_t reference = 0;
};

/// Reads one list with everything in it. `extra_count` bounds the numbers of extras.
void read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                model::ZoneTable& zones);
/// The same, zone by zone. Returns how many there were.
std::uint64_t read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                         model::ZoneSink& zones);
/// The same, for no more than `most` zones; what ends with them is told, too.
std::uint64_t read_zones(FileBlockReader& reader, const LocationNumbers& locations, std::size_t extra_count,
                         PlaceInList& place, std::uint64_t most, model::ZoneSink& zones);

}  // namespace tracypy::tracefile
