// The calls of a trace, merged by path: who called whom, from the outermost zones down.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::analysis {

/// One entry per node in each table; a node's parent comes before it.
struct CallTree {
    std::vector<std::int64_t> parent;    // -1 at the top
    std::vector<std::int64_t> location;  // index into Trace::locations
    std::vector<std::int64_t> calls;
    std::vector<std::int64_t> total_ns;  // of the calls by this path, children included
    std::vector<std::int64_t> self_ns;
};

/// Of one thread, or of all.
CallTree call_tree(const model::Trace& trace, std::optional<std::size_t> thread);

}  // namespace tracypy::analysis
