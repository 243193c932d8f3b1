#include "journal/early_trace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.hpp"

namespace tracypy::journal {
namespace {

using events::Kind;
using events::Word;

/// With what there is in the tables: texts, messages, frames.
constexpr std::size_t kMostMemory = 128 * 1024 * 1024;

/// How far the length of a tick may be from what was taken for it: of an hour, 36 ms.
constexpr double kScaleTolerance = 1e-5;

/// So many are compressed with the rest of the file in no time, and come out smaller.
constexpr std::uint64_t kFewBlocks = 64;

/// Zones come out smaller than at level 3, by 0.1 to 1 %, and sooner.
constexpr int kLevel = 1;

}  // namespace

struct EarlyZones::Thread {
    Thread(std::uint32_t row, const base::RowClock& start, tracefile::BlockStore& store)
        : index(row), clock(start), zones(store) {}

    std::size_t memory_bytes() const noexcept { return zones.memory_bytes() + calls.memory_bytes() + sizeof(*this); }

    std::uint32_t index;
    base::RowClock clock;
    tracefile::ZoneBlocks zones;
    FunctionTimes::Thread calls;
};

EarlyZones::EarlyZones(const JournalReader& reader, tracefile::BlockStore& store, double ns_per_tick)
    : store_(store),
      start_(reader.row_clock()),
      to_ns_{reader.info().start, ns_per_tick},
      tables_(reader.names(), reader.info().start) {}

EarlyZones::~EarlyZones() = default;

EarlyZones::Thread& EarlyZones::thread_of(base::ThreadId id) {
    Thread*& entry = by_id_[id];
    if (entry == nullptr) {
        threads_.push_back(std::make_unique<Thread>(tables_.add_thread(id), start_, store_));
        entry = threads_.back().get();
        memory_bytes_ += entry->memory_bytes();
    }
    return *entry;
}

void EarlyZones::thread_batch(const events::ThreadBatch& batch) {
    Thread& thread = thread_of(batch.thread);
    memory_bytes_ -= thread.memory_bytes();
    const Word* event = batch.words.data();
    const Word* const end_of_batch = event + batch.words.size();
    while (event < end_of_batch) {
        const Kind kind = events::kind_of(event[0]);
        const auto reading = static_cast<base::Ticks>(events::payload_of(event[0]));
        if (kind == Kind::ZoneBegin) {
            begin(thread, reading, event[1]);
            event += 2;
        } else if (kind == Kind::ZoneEnd) {
            ++event;
            end(thread, reading);
        } else {
            rare_event(event, thread);
            event += events::event_words(event);
        }
    }
    memory_bytes_ += thread.memory_bytes();
}

inline void EarlyZones::begin(Thread& thread, base::Ticks reading, std::uint64_t location) {
    const model::LocationIndex index = tables_.location_of(location);
    const std::int64_t start_ns = to_ns_(thread.clock.begin(reading));
    thread.zones.begin(tracefile::location_number(index), start_ns);
    times_.begin(thread.calls, index, start_ns);
}

inline void EarlyZones::end(Thread& thread, base::Ticks reading) {
    if (thread.zones.depth() == 0) [[unlikely]] {
        tables_.count_dropped();
        return;
    }
    const std::int64_t end_ns = to_ns_(thread.clock.end(reading));
    if (thread.zones.end(end_ns) != 0) ++parents_;
    times_.end(thread.calls, end_ns);
    last_end_ns_ = std::max(last_end_ns_, end_ns);
}

void EarlyZones::rare_event(const Word* event, Thread& thread) {
    if (events::kind_of(event[0]) == Kind::Message) {
        const auto reading = static_cast<base::Ticks>(events::payload_of(event[0]));
        tables_.message(event, thread.clock.moment(reading), thread.index);
    } else if (thread.zones.depth() == 0) {
        tables_.count_dropped();
    } else {
        tables_.zone_detail(event, thread.zones.extra());
    }
}

model::Trace EarlyZones::finish(model::TraceInfo info, base::Ticks now) {
    std::uint64_t most = kFewBlocks;
    for (std::size_t i = 0; i < threads_.size(); ++i) {
        Thread& thread = *threads_[i];
        while (thread.zones.depth() != 0) end(thread, now);
        thread.zones.finish();
        if (thread.zones.full_blocks() > most) {
            most = thread.zones.full_blocks();
            aligned_ = i;
        }
    }
    if (aligned_) threads_[*aligned_]->zones.compress_all();
    info.ns_per_tick = to_ns_.ns_per_tick;
    model::Trace trace = tables_.finish(std::move(info));
    trace.info.last_time_ns = std::max(trace.info.last_time_ns, last_end_ns_);
    return trace;
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
    : reader_(journal), store_(folder, kLevel), ns_per_tick_(ns_per_tick), zones_(reader_, store_, ns_per_tick) {}

void EarlyTrace::advance(std::uint64_t offset, const std::atomic<bool>& stop) {
    while (reader_.offset() < offset && !stop.load(std::memory_order_relaxed)) {
        if (!reader_.next(zones_)) throw tracefile::FormatError("the journal is damaged");
        if (zones_.memory_bytes() > kMostMemory) throw base::Error("the trace needs too much memory while it is made");
    }
}

bool EarlyTrace::read_rest(Progress& progress) {
    while (reader_.next(zones_)) {
        check(progress);
        progress.done.store(reader_.offset(), std::memory_order_relaxed);
    }
    return std::abs(reader_.ns_per_tick() / ns_per_tick_ - 1) <= kScaleTolerance;
}

Made EarlyTrace::write(io::ByteSink& out) {
    const model::Trace trace = zones_.finish(reader_.info().about, reader_.last_tick());
    const tracefile::Written written = tracefile::write_trace(out, trace, zones_, {.level = kLevel});
    return describe(reader_, trace, written, zones_.dropped_events(), zones_.times());
}

}  // namespace tracypy::journal
