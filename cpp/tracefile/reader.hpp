// A .tracy file of releases 0.9.0 to 0.14.0 in as a model.
//
// Any input is safe: a foreign, damaged, incomplete or newer file is a FormatError with one clear line. Memory grows
// with what the file really holds, never with what its counts claim.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/byte_stream.hpp"
#include "model/trace.hpp"
#include "model/zone_sink.hpp"
#include "tracefile/format.hpp"
#include "tracefile/zone_stream.hpp"

namespace tracypy::tracefile {

/// What is in the file and is not looked at: nothing but copies of traces is made of it.
struct SkippedSection {
    const char* name;
    std::uint64_t entries;
    bool is_kept;  // in the model
};

/// Where the zones of threads are in a file: what it takes to read them once more. Offsets are those of what is
/// compressed in it.
struct ZoneLists {
    LocationNumbers locations() const noexcept { return {static_locations, first_dynamic, dynamic_count}; }

    std::vector<model::LocationIndex> static_locations;
    model::LocationIndex first_dynamic = 0;
    std::size_t dynamic_count = 0;
    std::size_t extra_count = 0;
    std::vector<std::uint64_t> offsets;  // by thread
};

struct ReadResult {
    model::Trace trace;
    Version version;
    std::vector<SkippedSection> skipped;  // only those with entries
    ZoneLists lists;                      // where zones were not kept
};

/// `zones`: who takes the zones of threads, in place of the model's tables, which stay empty.
ReadResult read_trace(io::ByteSource& source, model::ZoneSink* zones = nullptr);

}  // namespace tracypy::tracefile
