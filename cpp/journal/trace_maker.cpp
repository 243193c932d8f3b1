#include "journal/trace_maker.hpp"

#include <set>

#include "events/null_sink.hpp"
#include "journal/journal_index.hpp"
#include "journal/source_texts.hpp"

namespace tracypy::journal {
namespace {

/// The second pass: one thread's packets again, as zones of the file. The first one has taken all else.
class ThreadZones final : public events::NullSink {
public:
    ThreadZones(const JournalIndex& index, IndexedThread& thread, const base::RowClock& start,
                const model::TimeScale& to_ns, tracefile::ZoneListWriter& list, FunctionTimes& times)
        : index_(index), thread_(thread), walk_(start), to_ns_(to_ns), list_(list), times_(times) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{this};
        walk_.walk(batch.words, visitor);
    }

    /// Ends what is open.
    void finish(base::Ticks now) {
        Visitor visitor{this};
        walk_.end_all(now, visitor);
    }

private:
    struct Visitor {
        void on(const events::ZoneBegin& zone) { zones->begin(zone); }
        void on(const events::ZoneBeginCallstack& zone) { on(events::without_callstack(zone)); }
        void on(const events::ZoneEnd& zone) { zones->end(zone.tick); }
        void on(const events::FiberEnter& run) noexcept { zones->times_.go_on(zones->calls_, zones->to_ns_(run.tick)); }
        void on(const events::FiberLeave& run) noexcept { zones->times_.stop(zones->calls_, zones->to_ns_(run.tick)); }
        template <events::ThreadEvent Event>
        void on(const Event&) noexcept {}
        void dropped() noexcept {}

        ThreadZones* zones;
    };

    void begin(const events::ZoneBegin& zone) {
        const model::LocationIndex location = index_.location_of(static_cast<std::uint64_t>(zone.location));
        std::uint32_t extra = 0;
        if (next_extra_ < thread_.extras.size() && thread_.extras[next_extra_].zone == zone_) [[unlikely]] {
            extra = thread_.extras[next_extra_++].extra;
        }
        ++zone_;
        const std::int64_t start_ns = to_ns_(zone.tick);
        list_.begin(location, start_ns, extra, thread_.children.next());
        times_.begin(calls_, location, start_ns);
    }
    void end(base::Ticks tick) {
        const std::int64_t end_ns = to_ns_(tick);
        list_.end(end_ns);
        times_.end(calls_, end_ns);
    }

    const JournalIndex& index_;
    IndexedThread& thread_;
    events::RowWalk walk_;
    const model::TimeScale to_ns_;
    tracefile::ZoneListWriter& list_;
    FunctionTimes& times_;
    FunctionTimes::Thread calls_;
    std::uint64_t zone_ = 0;
    std::size_t next_extra_ = 0;
};

Importing importing_at(const model::Trace& trace, model::LocationIndex location) noexcept {
    const model::SourceLocation& place = trace.locations[location];
    const auto text = [&](model::TextId id) { return trace.strings.at(id); };
    return importing_of(text(place.file), text(place.function), text(place.name));
}

/// All threads, each when the file comes to it.
class JournalZones final : public tracefile::ZoneSource {
public:
    JournalZones(JournalReader& reader, JournalIndex& index, const model::Trace& trace, Progress& progress)
        : reader_(reader),
          index_(index),
          to_ns_{reader.info().start, trace.info.ns_per_tick},
          times_([&trace](model::LocationIndex location) { return importing_at(trace, location); }),
          progress_(progress) {}

    std::uint64_t zones_of(std::size_t thread) const override { return index_.zones_of(thread); }
    std::uint64_t zones_at(model::LocationIndex location) const override { return index_.zones_at(location); }
    std::uint64_t parents() const override { return index_.parents(); }

    void write(std::size_t thread, tracefile::FileBlockWriter& out, std::span<const std::int16_t> numbers) override {
        IndexedThread& indexed = index_.thread(thread);
        tracefile::ZoneListWriter list(out, numbers);
        list.start(indexed.roots);
        ThreadZones zones(index_, indexed, reader_.row_clock(), to_ns_, list, times_);
        while (!indexed.places.at_end()) {
            check(progress_);
            const PacketPlace place = indexed.places.next();
            reader_.replay(place, zones);
            progress_.done.fetch_add(place.bytes, std::memory_order_relaxed);
        }
        zones.finish(reader_.last_tick());
        indexed = {};
    }

    const FunctionTimes& times() const noexcept { return times_; }

private:
    JournalReader& reader_;
    JournalIndex& index_;
    const model::TimeScale to_ns_;
    FunctionTimes times_;
    Progress& progress_;
};

void read_all(JournalReader& reader, JournalIndex& index, Progress& progress) {
    while (const std::optional<JournalReader::Packet> packet = reader.next(index)) {
        check(progress);
        if (packet->has_events) index.add_place(packet->place);
        progress.done.store(packet->place.offset + packet->place.bytes, std::memory_order_relaxed);
    }
}

}  // namespace

Made describe(const JournalReader& reader, const model::Trace& trace, const tracefile::Written& written,
              std::uint64_t dropped_events, const FunctionTimes& times) {
    Made made;
    made.zones = written.zones;
    std::set<std::int32_t> groups;  // each other process's rows are one
    for (const model::Thread& thread : trace.threads) {
        if (thread.group_hint != 0) groups.insert(thread.group_hint);
        if (thread.is_fiber) continue;
        made.threads += base::threads_of_row(static_cast<base::ThreadId>(thread.id), trace.strings.at(thread.name));
    }
    made.processes += groups.size();
    made.frames = trace.frame_sets[0].frames.size() - model::kStartFrames;
    made.messages = trace.messages.size();
    made.images_left_out = trace.frame_images_left_out;
    made.span_ns = trace.info.last_time_ns;
    made.forgotten_ns = static_cast<std::int64_t>(static_cast<double>(reader.forgotten()) * trace.info.ns_per_tick);
    made.zones_elsewhere = written.zones_elsewhere;
    made.dropped_events = reader.dropped_events() + dropped_events;
    made.bytes_lost = reader.bytes_lost();
    made.unknown = reader.unknown();
    made.complete = reader.is_complete();
    made.layout = written.layout;
    made.functions = times.totals(trace);
    made.imports = times.imports();
    made.imports_ns = times.imports_ns();
    return made;
}

Made make_trace(io::SeekableSource& journal, io::ByteSink& out, Progress& progress,
                const tracefile::Compression& compression) {
    JournalReader reader(journal);
    progress.total.store(2 * journal.size(), std::memory_order_relaxed);
    JournalIndex index(reader.names(), reader.row_clock());
    read_all(reader, index, progress);

    model::Trace trace = index.finish(reader.about(reader.ns_per_tick()), reader.last_tick());
    if (reader.info().with_sources) add_source_texts(trace);
    JournalZones zones(reader, index, trace, progress);
    const tracefile::Written written = tracefile::write_trace(out, trace, zones, compression);
    progress.done.store(progress.total.load(std::memory_order_relaxed), std::memory_order_relaxed);

    return describe(reader, trace, written, index.dropped_events(), zones.times());
}

}  // namespace tracypy::journal
