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

namespace tracypy::tracefile {

/// What is in the file and is not looked at: nothing but copies of traces is made of it.
struct SkippedSection {
    const char* name;
    std::uint64_t entries;
    bool is_kept;  // in the model
};

struct ReadResult {
    model::Trace trace;
    Version version;
    std::vector<SkippedSection> skipped;  // only those with entries
};

/// `zones`: who takes the zones of threads, in place of the model's tables, which stay empty.
ReadResult read_trace(io::ByteSource& source, model::ZoneSink* zones = nullptr);

}  // namespace tracypy::tracefile
