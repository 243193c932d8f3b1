#include "analysis/call_edges.hpp"

#include "analysis/pair_numbers.hpp"
#include "analysis/zone_walk.hpp"
#include "model/parts.hpp"

namespace tracypy::analysis {

std::vector<CallEdge> call_edges(const model::Trace& trace, std::optional<std::size_t> thread) {
    const model::Parts parts(trace);
    std::vector<CallEdge> edges;
    std::vector<std::uint32_t> running;  // calls over this edge that are open now
    PairNumbers numbers;                 // of the caller's location plus one, and the callee's
    for (const model::Thread& one : threads_of(trace, thread)) {
        walk(
            one, trace.info.last_time_ns,
            [&](const model::Zone& zone, std::int64_t duration, const OpenZone* parent) {
                const std::uint32_t above = parent == nullptr ? 0 : parts.whole(parent->zone.location) + 1;
                const std::uint32_t number = numbers.of(above, parts.whole(zone.location));
                if (number == edges.size()) {
                    CallEdge& edge = edges.emplace_back();
                    if (parent != nullptr) edge.caller = parts.whole(parent->zone.location);
                    edge.callee = parts.whole(zone.location);
                    running.push_back(0);
                }
                CallEdge& edge = edges[number];
                const bool counts = !parts.is_part(zone.location);
                edge.calls += counts ? 1 : 0;
                if (running[number]++ == 0) {
                    edge.primitive_calls += counts ? 1 : 0;
                    add(edge.total_ns, duration);
                }
                return number;
            },
            [&](const OpenZone& zone) {
                --running[zone.tag];
                add(edges[zone.tag].self_ns, zone.self_ns());
            });
    }
    return edges;
}

}  // namespace tracypy::analysis
