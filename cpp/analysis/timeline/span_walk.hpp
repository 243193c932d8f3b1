// Walks the zones of a lane that reach into a span, as the tree that they are.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "analysis/timeline/timeline.hpp"

namespace tracypy::analysis {

inline constexpr std::uint32_t kNoParent = 0xFFFF'FFFF;

/// Calls `enter(zone, inside_ns, parent's tag)` at each beginning, which returns the zone's tag, and
/// `leave(tag, self_ns)` at each end; times are those inside the span.
template <typename Enter, typename Leave>
void walk_span(const Lane& lane, std::int64_t from_ns, std::int64_t to_ns, Enter&& enter, Leave&& leave) {
    struct Open {
        std::uint32_t tag, next, last;  // the children that are left
        std::int64_t inside_ns, children_ns;
    };
    if (lane.empty() || to_ns <= from_ns) return;
    std::vector<Open> open{{kNoParent, lane[0].first_after(from_ns), lane[0].size(), 0, 0}};
    std::vector<std::uint32_t> first(lane.size());  // of each row, that ends after the span begins
    for (std::size_t i = 0; i < lane.size(); ++i) first[i] = lane[i].first_after(from_ns);
    std::vector<std::uint32_t> next_child(lane.size(), 0);  // of the zone that comes next in each row
    std::vector<std::uint32_t> known(lane.size(), kNoParent);
    while (!open.empty()) {
        const std::size_t depth = open.size() - 1;
        Open& top = open.back();
        RowZone zone{};
        if (top.next < top.last) zone = lane[depth].at(top.next);
        if (top.next >= top.last || zone.start_ns >= to_ns) {
            const Open done = top;
            open.pop_back();
            if (open.empty()) break;
            leave(done.tag, done.inside_ns > done.children_ns ? done.inside_ns - done.children_ns : 0);
            add(open.back().children_ns, done.inside_ns);
            continue;
        }
        const std::uint32_t number = top.next++;
        const std::int64_t inside = std::min(zone.end_ns, to_ns) - std::max(zone.start_ns, from_ns);
        const std::uint32_t tag = enter(zone, inside, top.tag);
        // As a rule the next zone of the row is the next to be looked at: its children follow these.
        if (known[depth] != number) next_child[depth] = lane[depth].first_child(number);
        const std::uint32_t child = next_child[depth];
        known[depth] = number + 1;
        next_child[depth] += zone.children;
        const std::uint32_t start = zone.children == 0 ? child : std::max(child, first[depth + 1]);
        open.push_back({tag, start, child + zone.children, inside, 0});
    }
}

}  // namespace tracypy::analysis
