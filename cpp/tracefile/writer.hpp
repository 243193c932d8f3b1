// A model out as a .tracy file, in the oldest layout that holds what is in it: as a rule that of release 0.11.0, which
// every viewer since opens.
#pragma once

#include <cstdint>

#include "io/byte_stream.hpp"
#include "model/trace.hpp"
#include "tracefile/file_block_writer.hpp"
#include "tracefile/format.hpp"
#include "tracefile/zone_source.hpp"

namespace tracypy::tracefile {

struct Written {
    std::uint64_t zones = 0;
    std::uint64_t bytes_uncompressed = 0;
    std::uint64_t zones_elsewhere = 0;  // shown as the trace's first location, since a file has room for 65,533
    Version layout = kOldestWritten;    // viewers of older releases refuse the file
};

/// Each section says what it needs (sections/); the newest of that is taken.
Version oldest_layout(const model::Trace& trace);

/// What write_trace() will say of them, but for the bytes.
Written counted(const model::Trace& trace, const ZoneSource& zones);

/// Throws what `sink` throws. `at_least`: no older layout, even if one would do.
Written write_trace(io::ByteSink& sink, const model::Trace& trace, const Compression& compression = {},
                    Version at_least = kOldestWritten);

/// The same with zones from elsewhere: the zone tables of `trace` are not looked at.
Written write_trace(io::ByteSink& sink, const model::Trace& trace, ZoneSource& zones, const Compression& compression,
                    Version at_least = kOldestWritten);

}  // namespace tracypy::tracefile
