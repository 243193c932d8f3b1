#include "journal/early_trace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"
#include "base/inlined.hpp"
#include "journal/source_texts.hpp"

namespace tracypy::journal {
namespace {

/// With what there is in the tables: texts, messages, frames.
constexpr std::size_t kMostMemory = 128 * 1024 * 1024;

/// How far the length of a tick may be from what was taken for it: of an hour, 36 ms.
constexpr double kScaleTolerance = 1e-5;

/// So many are compressed with the rest of the file in half a millisecond, and come out smaller.
constexpr std::uint64_t kFewBlocks = 4;

/// Zones come out smaller than at level 3, by 0.1 to 1 %, and sooner.
constexpr int kLevel = 1;

/// How much longer zones are in the file than in the journal, before they are compressed: 10 to 14 times.
constexpr std::uint64_t kExpansion = 10;

}  // namespace

struct EarlyZones::Thread {
    Thread(std::uint32_t row, const base::RowClock& start, tracefile::BlockStore& store)
        : index(row), walk(start), zones(store) {}

    std::size_t memory_bytes() const noexcept { return zones.memory_bytes() + calls.memory_bytes() + sizeof(*this); }

    std::uint32_t index;
    events::RowWalk walk;
    tracefile::ZoneBlocks zones;
    FunctionTimes::Thread calls;
};

EarlyZones::EarlyZones(const JournalReader& reader, tracefile::BlockStore& store, double ns_per_tick)
    : TablesSink(reader.names(), reader.info().start),
      store_(store),
      start_(reader.row_clock()),
      to_ns_{reader.info().start, ns_per_tick},
      times_([this, &names = reader.names()](model::LocationIndex location) {
          const auto place = names.locations.find(tables_.id_of(location)).value_or(base::SourceLocation{});
          const auto text = [&](base::StringId id) { return names.strings.find(id).text; };
          return importing_of(text(place.file), text(place.function), text(place.name));
      }) {}

EarlyZones::~EarlyZones() = default;

EarlyZones::Thread& EarlyZones::thread_at(std::size_t index) {
    while (threads_.size() <= index) {
        threads_.push_back(std::make_unique<Thread>(static_cast<std::uint32_t>(threads_.size()), start_, store_));
        memory_bytes_ += threads_.back()->memory_bytes();
    }
    return *threads_[index];
}

class EarlyZones::Visitor {
public:
    Visitor(EarlyZones& all, Thread& thread) : all_(&all), thread_(&thread) {}

    TRACYPY_INLINED void on(const events::ZoneBegin& zone) {
        const model::LocationIndex index = all_->tables_.location_of(static_cast<std::uint64_t>(zone.location));
        const std::int64_t start_ns = all_->to_ns_(zone.tick);
        thread_->zones.begin(tracefile::location_number(index), start_ns);
        all_->times_.begin(thread_->calls, index, start_ns);
    }
    void on(const events::ZoneBeginCallstack& zone) {
        on(events::without_callstack(zone));
        all_->tables_.detail(zone, thread_->zones.extra());
    }
    TRACYPY_INLINED void on(const events::ZoneEnd& zone) {
        const std::int64_t end_ns = all_->to_ns_(zone.tick);
        if (thread_->zones.end(end_ns) != 0) ++all_->parents_;
        all_->times_.end(thread_->calls, end_ns);
        all_->last_end_ns_ = std::max(all_->last_end_ns_, end_ns);
    }
    template <events::ZoneDetail Event>
    void on(const Event& event) {
        all_->tables_.detail(event, thread_->zones.extra());
    }
    void on(const events::FiberEnter& run) {
        all_->times_.go_on(thread_->calls, all_->to_ns_(run.tick));
        all_->tables_.moment(run, thread_->index);
    }
    void on(const events::FiberLeave& run) {
        all_->times_.stop(thread_->calls, all_->to_ns_(run.tick));
        all_->tables_.moment(run, thread_->index);
    }
    template <events::ThreadMoment Event>
    void on(const Event& event) {
        all_->tables_.moment(event, thread_->index);
    }
    void dropped() noexcept { all_->tables_.count_dropped(); }

private:
    EarlyZones* all_;
    Thread* thread_;
};

void EarlyZones::thread_batch(const events::ThreadBatch& batch) {
    Thread& thread = thread_at(tables_.thread_of(batch.thread));
    memory_bytes_ -= thread.memory_bytes();
    Visitor visitor(*this, thread);
    thread.walk.walk(batch.words, visitor);
    memory_bytes_ += thread.memory_bytes();
}

model::Trace EarlyZones::finish(model::TraceInfo info, base::Ticks now) {
    if (const std::size_t threads = tables_.trace().threads.size(); threads != 0) thread_at(threads - 1);
    std::uint64_t most = kFewBlocks;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        Thread& thread = *threads_[i];
        Visitor visitor(*this, thread);
        thread.walk.end_all(now, visitor);
        thread.zones.finish();
        if (thread.zones.full_blocks() > most) {
            most = thread.zones.full_blocks();
            aligned_ = i;
        }
    }
    model::Trace trace = tables_.finish(std::move(info), [this](std::size_t i) { return zones_of(i) != 0; });
    trace.info.last_time_ns = std::max(trace.info.last_time_ns, last_end_ns_);
    return trace;
}

void EarlyZones::compress() {
    if (aligned_) threads_[*aligned_]->zones.compress_ready();
}

std::uint64_t EarlyZones::zones_of(std::size_t thread) const {
    return threads_[thread]->zones.zones();
}

std::uint64_t EarlyZones::bytes_of(std::size_t thread) const {
    return threads_[thread]->zones.bytes();
}

void EarlyZones::write(std::size_t thread, tracefile::FileBlockWriter& out, std::span<const std::int16_t>) {
    threads_[thread]->zones.write(out, aligned_ == thread);
}

EarlyTrace::EarlyTrace(io::SeekableSource& journal, const std::filesystem::path& folder, double ns_per_tick)
    : journal_(journal),
      reader_(journal),
      store_(folder, kLevel),
      ns_per_tick_(ns_per_tick),
      zones_(reader_, store_, ns_per_tick) {}

void EarlyTrace::advance(std::uint64_t offset, const std::atomic<bool>& stop) {
    while (reader_.offset() < offset && !stop.load(std::memory_order_relaxed)) {
        if (!reader_.next(zones_)) throw tracefile::FormatError(base::problem<base::ErrorCode::JournalIsDamaged>());
        if (zones_.memory_bytes() > kMostMemory) throw base::Error(base::problem<base::ErrorCode::TraceNeedsMemory>());
    }
}

bool EarlyTrace::read_rest(Progress& progress) {
    store_.start_workers(kExpansion * (journal_.size() - reader_.offset()));
    while (reader_.next(zones_)) {
        check(progress);
        progress.done.store(reader_.offset(), std::memory_order_relaxed);
    }
    store_.finish_workers();
    return std::abs(reader_.ns_per_tick() / ns_per_tick_ - 1) <= kScaleTolerance;
}

Made EarlyTrace::write(io::ByteSink& out, const MadeKnown& known) {
    model::Trace trace = zones_.finish(reader_.about(ns_per_tick_), reader_.last_tick());
    if (reader_.info().with_sources) add_source_texts(trace);
    Made made = describe(reader_, trace, tracefile::counted(trace, zones_), zones_.dropped_events(), zones_.times());
    if (known) known(made);
    zones_.compress();
    tracefile::write_trace(out, trace, zones_, {.level = kLevel});
    return made;
}

}  // namespace tracypy::journal
