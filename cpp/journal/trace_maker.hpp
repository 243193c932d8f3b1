// A journal in, a .tracy file out, in two passes and with little memory: about a byte for each zone.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.hpp"
#include "io/byte_stream.hpp"
#include "journal/function_totals.hpp"
#include "journal/journal_reader.hpp"
#include "tracefile/file_block_writer.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::journal {

struct Made {
    std::uint64_t zones = 0;
    std::uint64_t threads = 0;
    std::uint64_t processes = 1;
    std::uint64_t frames = 0;  // marks of the default set
    std::uint64_t messages = 0;
    std::uint64_t images_left_out = 0;  // there were too many of them
    std::int64_t span_ns = 0;
    std::int64_t forgotten_ns = 0;          // of a ring: what went before
    std::uint64_t zones_elsewhere = 0;      // shown as "other functions": a file has room for 65,533 locations
    std::uint64_t dropped_events = 0;       // without an open zone to belong to
    std::uint64_t bytes_lost = 0;           // at the end of the journal, not whole
    std::uint64_t unknown = 0;              // events and notes that only a later release knows
    bool complete = false;                  // the recording ended properly
    tracefile::Version layout;              // viewers of older releases refuse the file
    std::vector<FunctionTotals> functions;  // that were called; in no particular order
    std::uint64_t imports = 0;              // modules whose code ran because they were imported
    std::int64_t imports_ns = 0;            // with all that they called
};

/// Is told what will be in a file before it is written.
using MadeKnown = std::function<void(const Made&)>;

/// How far it is, for another thread to look at; and how that one stops it.
struct Progress {
    std::atomic<std::uint64_t> done{0}, total{0};  // bytes of the journal, both passes
    std::atomic<bool> cancel{false};
};

/// Progress::cancel was set.
class Cancelled : public base::Error {
public:
    Cancelled() : base::Error(base::problem<base::ErrorCode::MakingCancelled>()) {}
};

/// Throws Cancelled if that is wanted.
inline void check(const Progress& progress) {
    if (progress.cancel.load(std::memory_order_relaxed)) throw Cancelled();
}

/// Throws tracefile::FormatError if it is not a journal, Cancelled, and what source and sink throw. The sink then has
/// part of a file, of no use to anyone; the journal is as it was.
Made make_trace(io::SeekableSource& journal, io::ByteSink& out, Progress& progress,
                const tracefile::Compression& compression = {});

/// What was made. `reader`: at the end; `dropped_events`: those that it does not know of.
Made describe(const JournalReader& reader, const model::Trace& trace, const tracefile::Written& written,
              std::uint64_t dropped_events, const FunctionTimes& times);

}  // namespace tracypy::journal
