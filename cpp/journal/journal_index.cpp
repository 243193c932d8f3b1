#include "journal/journal_index.hpp"

#include <algorithm>

#include "journal/bytes.hpp"

namespace tracypy::journal {

using events::Kind;
using events::Word;

void PacketPlaces::add(const PacketPlace& place) {
    put_number(bytes_, place.offset - last_end_);
    put_number(bytes_, place.bytes);
    last_end_ = place.offset + place.bytes;
}

PacketPlace PacketPlaces::next() {
    if (at_ == 0) last_end_ = 0;
    ByteReader reader(std::string_view(bytes_).substr(at_));
    PacketPlace place;
    place.offset = last_end_ + reader.number();
    place.bytes = reader.number();
    last_end_ = place.offset + place.bytes;
    at_ = bytes_.size() - reader.left();
    return place;
}

JournalIndex::Thread& JournalIndex::thread_of(base::ThreadId id) {
    const auto [entry, is_new] = by_id_.try_emplace(id, nullptr);
    if (is_new) {
        entry->second = &threads_.emplace_back(Thread{tables_.add_thread(id), start_, {}, {}});
    }
    return *entry->second;
}

void JournalIndex::thread_batch(const events::ThreadBatch& batch) {
    Thread& thread = thread_of(batch.thread);
    last_thread_ = &thread;
    const Word* event = batch.words.data();
    const Word* const end_of_batch = event + batch.words.size();
    while (event < end_of_batch) {
        const Kind kind = events::kind_of(event[0]);
        const auto tick = static_cast<base::Ticks>(events::payload_of(event[0]));
        if (kind == Kind::ZoneBegin) {
            thread.clock.begin(tick);
            begin(thread, event[1]);
            event += 2;
        } else if (kind == Kind::ZoneEnd) {
            ++event;
            if (thread.open.empty()) [[unlikely]] {
                tables_.count_dropped();
                continue;
            }
            end(thread, tick);
        } else {
            rare_event(event, thread);
            event += events::event_words(event);
        }
    }
}

inline void JournalIndex::begin(Thread& thread, std::uint64_t location) {
    const model::LocationIndex index = tables_.location_of(location);
    if (index >= zones_at_.size()) zones_at_.resize(std::max<std::size_t>(64, 2 * std::size_t{index}), 0);
    ++zones_at_[index];
    if (thread.open.empty()) {
        ++thread.result.roots;
    } else {
        ++thread.open.back().children;
    }
    thread.open.push_back({thread.result.children.add(), 0, 0});
}

inline void JournalIndex::end(Thread& thread, base::Ticks tick) {
    const OpenZone& zone = thread.open.back();
    thread.result.children.set(zone.zone, zone.children);
    parents_ += zone.children != 0 ? 1 : 0;
    thread.open.pop_back();
    last_end_ = std::max(last_end_, thread.clock.end(tick));
}

void JournalIndex::rare_event(const Word* event, Thread& thread) {
    if (events::kind_of(event[0]) == Kind::Message) {
        const auto tick = static_cast<base::Ticks>(events::payload_of(event[0]));
        tables_.message(event, thread.clock.moment(tick), thread.index);
        return;
    }
    if (thread.open.empty()) {
        tables_.count_dropped();
        return;
    }
    OpenZone& zone = thread.open.back();
    const bool is_first = zone.extra == 0;
    tables_.zone_detail(event, zone.extra);
    if (is_first) thread.result.extras.push_back({zone.zone, zone.extra});
}

model::Trace JournalIndex::finish(const model::TraceInfo& info, base::Ticks now) {
    for (Thread& thread : threads_) {
        while (!thread.open.empty()) end(thread, now);
        thread.result.children.finish();
        std::sort(thread.result.extras.begin(), thread.result.extras.end(),
                  [](const auto& left, const auto& right) { return left.zone < right.zone; });
    }
    model::Trace trace = tables_.finish(info);
    trace.info.last_time_ns =
        std::max(trace.info.last_time_ns, model::TimeScale{start_.last(), info.ns_per_tick}(last_end_));
    zones_at_.resize(trace.locations.size(), 0);
    return trace;
}

}  // namespace tracypy::journal
