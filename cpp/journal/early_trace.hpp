// A trace that is made while its journal is still written, so that little is left to do when the recording ends.
//
// It reads the journal behind its writer and keeps each thread's zones in the form that the file has them (ZoneBlocks).
// It needs memory and room on the disk of its own, both bounded: when it comes to a bound, or to anything else that it
// cannot do, it is of no use, and make_trace() makes the trace from the journal alone.
// Must not know: threads, when to read on.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <unordered_map>

#include "events/thread_walk.hpp"
#include "io/byte_stream.hpp"
#include "journal/function_totals.hpp"
#include "journal/journal_reader.hpp"
#include "journal/trace_maker.hpp"
#include "model/tables_sink.hpp"
#include "tracefile/zone_blocks.hpp"

namespace tracypy::journal {

/// The zones of a journal, packet by packet. One thread.
class EarlyZones final : public model::TablesSink, public tracefile::ZoneSource {
public:
    /// `reader` and `store` must outlive it.
    EarlyZones(const JournalReader& reader, tracefile::BlockStore& store, double ns_per_tick);
    ~EarlyZones() override;

    void thread_batch(const events::ThreadBatch& batch) override;

    std::size_t memory_bytes() const noexcept { return memory_bytes_ + tables_.memory_bytes(); }
    const FunctionTimes& times() const noexcept { return times_; }
    /// All but the zones, which may be asked for from then on. `now`: when those end that are open.
    model::Trace finish(model::TraceInfo info, base::Ticks now);
    /// Then, and before they are written: compresses what can be. It is most of what is left to do.
    void compress();

    std::uint64_t zones_of(std::size_t thread) const override;
    std::uint64_t zones_at(model::LocationIndex location) const override { return times_.calls(location); }
    std::uint64_t parents() const override { return parents_; }
    void write(std::size_t thread, tracefile::FileBlockWriter& out, std::span<const std::int16_t> numbers) override;
    std::optional<std::size_t> aligned_thread() const override { return aligned_; }
    std::uint64_t bytes_of(std::size_t thread) const override;

private:
    struct Thread;
    class Visitor;

    Thread& thread_at(std::size_t index);

    tracefile::BlockStore& store_;
    const base::RowClock start_;
    const model::TimeScale to_ns_;
    FunctionTimes times_;
    std::vector<std::unique_ptr<Thread>> threads_;  // as in the trace
    std::size_t memory_bytes_ = 0;                  // of the threads
    std::uint64_t parents_ = 0;
    std::int64_t last_end_ns_ = 0;
    std::optional<std::size_t> aligned_;
};

/// One thread at a time. Whatever it throws, it is of no use afterwards.
class EarlyTrace {
public:
    /// `journal`, which is still written, must outlive it. `folder`: where there is room. `ns_per_tick`: as exactly as
    /// is known by now. Throws base::SystemError and tracefile::FormatError.
    EarlyTrace(io::SeekableSource& journal, const std::filesystem::path& folder, double ns_per_tick);

    /// Reads on, to `offset`, where a packet ends; returns early when `stop` is set. Throws base::Error when it needs
    /// too much memory, and what store and source throw.
    void advance(std::uint64_t offset, const std::atomic<bool>& stop);
    std::uint64_t offset() const noexcept { return reader_.offset(); }

    /// Once the journal is whole: reads the rest, with more threads if that is much. False if the length of a tick has
    /// turned out to be another. Throws as advance(), and Cancelled.
    bool read_rest(Progress& progress);
    /// Then: makes the file, after telling `known` what will be in it, if there is one. Throws what `out` and the store
    /// throw.
    Made write(io::ByteSink& out, const MadeKnown& known = {});

    /// In a forked child: the file is the parent's. Nothing may follow.
    void abandon() noexcept { store_.abandon(); }

private:
    io::SeekableSource& journal_;
    JournalReader reader_;
    tracefile::BlockStore store_;
    double ns_per_tick_;
    EarlyZones zones_;
};

}  // namespace tracypy::journal
