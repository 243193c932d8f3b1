// The calls of a trace, merged by path: who called whom, from the outermost zones down.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/zone_supply.hpp"

namespace tracypy::analysis {

/// One entry per node in each table; a node's parent comes before it.
struct CallTree {
    std::vector<std::int64_t> parent;    // -1 at the top
    std::vector<std::int64_t> location;  // index into Trace::locations
    std::vector<std::int64_t> calls;
    std::vector<std::int64_t> total_ns;  // of the calls by this path, children included
    std::vector<std::int64_t> self_ns;
};

/// Of one thread, or of all; `zones` has those of the trace.
CallTree call_tree(const model::Trace& trace, model::ZoneSupply& zones, std::optional<std::size_t> thread);
/// Of those in its tables.
inline CallTree call_tree(const model::Trace& trace, std::optional<std::size_t> thread) {
    model::TableSupply zones(trace);
    return call_tree(trace, zones, thread);
}

}  // namespace tracypy::analysis
