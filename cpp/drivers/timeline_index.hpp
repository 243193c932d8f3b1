// What `tracypy view` makes of a recording, in a file of its own: the next time it need not read the recording.
//
//     "tracypyT", format u32, byte order u32, release of the recording (3 bytes), length u64 of the trace without zones
//     the trace without zones, as a .tracy file
//     the timeline (analysis/timeline/storing.hpp)
//     a number of all bytes so far, u64
#pragma once

#include "analysis/timeline/timeline.hpp"
#include "io/byte_stream.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::drivers {

/// There is none for a recording with more source locations: they would come back in another order.
bool has_timeline_index(const model::Trace& trace) noexcept;

/// Throws what `sink` throws.
void write_timeline_index(io::ByteSink& sink, const tracefile::ReadResult& file, const analysis::Timeline& timeline);

/// Into a new timeline. False: it is damaged, or another version has written it; then what was read so far makes no
/// sense.
bool read_timeline_index(io::SeekableSource& source, tracefile::ReadResult& file, analysis::Timeline& timeline);

}  // namespace tracypy::drivers
