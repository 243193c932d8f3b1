// Which function called which, how often and at what cost: what pstats is made of.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::analysis {

struct CallEdge {
    std::optional<model::LocationIndex> caller;  // none: at the top of its thread
    model::LocationIndex callee;
    std::uint64_t calls = 0;
    std::uint64_t primitive_calls = 0;  // with no call of this caller to this callee open already
    std::int64_t total_ns = 0;          // of the primitive calls
    std::int64_t self_ns = 0;           // of all calls
};

/// Of one thread, or of all; in the order in which they first happened.
std::vector<CallEdge> call_edges(const model::Trace& trace, std::optional<std::size_t> thread);

}  // namespace tracypy::analysis
