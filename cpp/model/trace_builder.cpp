#include "model/trace_builder.hpp"

#include <algorithm>
#include <utility>

namespace tracypy::model {

/// Puts what happens on one thread into the tables.
class TraceBuilder::Visitor {
public:
    Visitor(TraceTables& tables, OpenThread& thread)
        : tables_(&tables), thread_(&thread), zones_(&tables.trace().threads[thread.index].zones) {}

    void on(const events::ZoneBegin& zone) {
        const LocationIndex location = tables_->location_of(static_cast<std::uint64_t>(zone.location));
        std::vector<std::uint32_t>& open = thread_->open;
        const auto depth = static_cast<std::uint32_t>(open.size());
        if (depth != 0) ++(*zones_)[open.back()].children;
        open.push_back(static_cast<std::uint32_t>(zones_->size()));
        zones_->push_back({zone.tick, kOpen, location, 0, 0, depth});
    }
    void on(const events::ZoneBeginCallstack& zone) {
        on(events::without_callstack(zone));
        tables_->detail(zone, (*zones_)[thread_->open.back()].extra);
    }
    void on(const events::ZoneEnd& zone) {
        (*zones_)[thread_->open.back()].end_ns = zone.tick;
        thread_->open.pop_back();
    }
    template <events::ZoneDetail Event>
    void on(const Event& event) {
        tables_->detail(event, (*zones_)[thread_->open.back()].extra);
    }
    template <events::ThreadMoment Event>
    void on(const Event& event) {
        tables_->moment(event, thread_->index);
    }
    void dropped() noexcept { tables_->count_dropped(); }

private:
    TraceTables* tables_;
    OpenThread* thread_;
    ZoneTable* zones_;
};

TraceBuilder::OpenThread& TraceBuilder::thread_of(base::ThreadId id) {
    if (const auto known = threads_.find(id); known != threads_.end()) return known->second;
    const events::CapturedWalk walk{base::CapturedClock(start_)};
    return threads_.emplace(id, OpenThread{tables_.thread_of(id), walk, {}}).first->second;
}

void TraceBuilder::thread_batch(const events::ThreadBatch& batch) {
    OpenThread& thread = thread_of(batch.thread);
    Visitor visitor(tables_, thread);
    thread.walk.walk(batch.words, visitor);
}

Trace TraceBuilder::finish(base::Ticks now, TraceInfo info, OpenZones open_zones) {
    for (auto& [id, thread] : threads_) {
        if (open_zones == OpenZones::Keep) break;
        Visitor visitor(tables_, thread);
        thread.walk.end_all(now, visitor);
    }
    threads_.clear();
    const TimeScale to_ns{start_, info.ns_per_tick};
    Trace trace = tables_.finish(std::move(info),
                                 [this](std::size_t thread) { return !tables_.trace().threads[thread].zones.empty(); });
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
