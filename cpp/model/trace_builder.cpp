#include "model/trace_builder.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::model {

using events::Kind;
using events::Word;

TraceBuilder::OpenThread& TraceBuilder::thread_of(base::ThreadId id) {
    const auto [entry, is_new] = threads_.try_emplace(id);
    if (is_new) entry->second = {tables_.add_thread(id), start_, {}};
    return entry->second;
}

void TraceBuilder::thread_batch(const events::ThreadBatch& batch) {
    OpenThread& thread = thread_of(batch.thread);
    ZoneTable& zones = tables_.trace().threads[thread.index].zones;
    const Word* event = batch.words.data();
    const Word* const end = event + batch.words.size();
    while (event < end) {
        const Word head = event[0];
        const Kind kind = events::kind_of(head);
        if (kind == Kind::ZoneBegin && end - event >= 2) {
            thread.last_tick = std::max(thread.last_tick, static_cast<base::Ticks>(events::payload_of(head)));
            const LocationIndex location = tables_.location_of(event[1]);
            const auto depth = static_cast<std::uint32_t>(thread.open.size());
            if (depth != 0) ++zones[thread.open.back()].children;
            thread.open.push_back(static_cast<std::uint32_t>(zones.size()));
            zones.push_back({thread.last_tick, kOpen, location, 0, 0, depth});
            event += 2;
        } else if (kind == Kind::ZoneEnd) {
            ++event;
            if (thread.open.empty()) [[unlikely]] {
                tables_.count_dropped();
                continue;
            }
            thread.last_tick = std::max(thread.last_tick, static_cast<base::Ticks>(events::payload_of(head)));
            zones[thread.open.back()].end_ns = thread.last_tick;
            thread.open.pop_back();
        } else {
            if (!events::is_whole(event, end)) [[unlikely]] {
                tables_.count_dropped();
                break;
            }
            rare_event(event, thread);
            event += events::event_words(event);
        }
    }
}

void TraceBuilder::rare_event(const Word* event, OpenThread& thread) {
    if (events::kind_of(event[0]) == Kind::Message) {
        thread.last_tick = std::max(thread.last_tick, static_cast<base::Ticks>(events::payload_of(event[0])));
        tables_.message(event, thread.last_tick, thread.index);
    } else if (thread.open.empty()) {
        tables_.count_dropped();
    } else {
        tables_.zone_detail(event, tables_.trace().threads[thread.index].zones[thread.open.back()].extra);
    }
}

void TraceBuilder::messages(std::span<const events::LooseMessage> messages) {
    for (const events::LooseMessage& loose : messages) tables_.loose_message(loose, thread_of(loose.thread).index);
}

void TraceBuilder::thread_facts(const events::ThreadFacts& facts) {
    tables_.thread_facts(facts, thread_of(facts.thread).index);
}

Trace TraceBuilder::finish(base::Ticks now, TraceInfo info, OpenZones open_zones) {
    for (auto& [id, open] : threads_) {
        if (open_zones == OpenZones::Keep) break;
        ZoneTable& zones = tables_.trace().threads[open.index].zones;
        for (const std::uint32_t zone : open.open) zones[zone].end_ns = std::max(now, open.last_tick);
    }
    threads_.clear();
    const TimeScale to_ns{start_, info.ns_per_tick};
    Trace trace = tables_.finish(std::move(info));
    for (Thread& thread : trace.threads) {
        for (Zone& zone : thread.zones) {
            zone.start_ns = to_ns(zone.start_ns);
            if (zone.end_ns != kOpen) zone.end_ns = to_ns(zone.end_ns);
            trace.info.last_time_ns = std::max({trace.info.last_time_ns, zone.start_ns, zone.end_ns});
        }
    }
    return trace;
}

}  // namespace tracypy::model
