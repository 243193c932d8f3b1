#include "analysis/call_tree.hpp"

#include "analysis/pair_numbers.hpp"
#include "analysis/zone_walk.hpp"
#include "model/parts.hpp"

namespace tracypy::analysis {

CallTree call_tree(const model::Trace& trace, model::ZoneSupply& zones, std::optional<std::size_t> thread) {
    const std::span<const model::Thread> wanted = threads_of(trace, thread);
    const model::Parts parts(trace);
    CallTree tree;
    PairNumbers nodes;  // of the parent's number plus one, and the location
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        zones.start(thread.value_or(0) + i, false);
        walk(
            wanted[i], [&] { return zones.more().zones; }, trace.info.last_time_ns,
            [&](const model::Zone& zone, std::int64_t duration, const OpenZone* parent) {
                const std::uint32_t above = parent == nullptr ? 0 : parent->tag + 1;
                const std::uint32_t node = nodes.of(above, parts.whole(zone.location));
                if (node == tree.parent.size()) {
                    tree.parent.push_back(static_cast<std::int64_t>(above) - 1);
                    tree.location.push_back(parts.whole(zone.location));
                    tree.calls.push_back(0);
                    tree.total_ns.push_back(0);
                    tree.self_ns.push_back(0);
                }
                if (!parts.is_part(zone.location)) ++tree.calls[node];
                add(tree.total_ns[node], duration);
                return node;
            },
            [&](const OpenZone& zone) { add(tree.self_ns[zone.tag], zone.self_ns()); });
    }
    return tree;
}

}  // namespace tracypy::analysis
