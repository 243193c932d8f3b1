// A model out as a .tracy file, in the layout of release 0.11.0: what every viewer from 0.11.0 on opens.
#pragma once

#include <cstdint>

#include "io/byte_stream.hpp"
#include "model/trace.hpp"
#include "tracefile/file_block_writer.hpp"
#include "tracefile/zone_source.hpp"

namespace tracypy::tracefile {

struct Written {
    std::uint64_t zones = 0;
    std::uint64_t bytes_uncompressed = 0;
    std::uint64_t zones_elsewhere = 0;  // shown as the trace's first location, since a file has room for 65,533
};

/// Throws what `sink` throws. The layout has no group hints, sources and severities of messages: they are left out.
Written write_trace(io::ByteSink& sink, const model::Trace& trace, const Compression& compression = {});

/// The same with zones from elsewhere: the zone tables of `trace` are not looked at.
Written write_trace(io::ByteSink& sink, const model::Trace& trace, ZoneSource& zones, const Compression& compression);

}  // namespace tracypy::tracefile
