// Walks the zones of a thread as the tree that they are, and knows how long each took, with and without its children.
//
// Files of others may hold any times: a zone that ends before it begins took no time, and sums stop at the largest
// number instead of overflowing. A zone that never ended lasts until the trace does.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "model/trace.hpp"

namespace tracypy::analysis {

inline constexpr std::int64_t kMostNs = std::numeric_limits<std::int64_t>::max();

inline std::int64_t duration_ns(const model::Zone& zone, std::int64_t trace_end_ns) noexcept {
    const std::int64_t end = zone.end_ns == model::kOpen ? trace_end_ns : zone.end_ns;
    if (end <= zone.start_ns) return 0;
    const std::uint64_t span = static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(zone.start_ns);
    return span > static_cast<std::uint64_t>(kMostNs) ? kMostNs : static_cast<std::int64_t>(span);
}

/// Neither is negative.
inline void add(std::int64_t& sum, std::int64_t more) noexcept {
    sum = more > kMostNs - sum ? kMostNs : sum + more;
}

struct OpenZone {
    const model::Zone* zone;
    std::int64_t duration_ns;
    std::int64_t children_ns;
    std::uint32_t tag;  // what enter() gave it

    std::int64_t self_ns() const noexcept { return duration_ns > children_ns ? duration_ns - children_ns : 0; }
};

/// Calls `enter(zone, duration_ns, parent)` at each beginning, parent being null at the top, and `leave(open)` at each
/// end, when the time of the children is known. What enter() returns is the open zone's tag.
template <typename Enter, typename Leave>
void walk(const model::ZoneTable& zones, std::int64_t trace_end_ns, Enter&& enter, Leave&& leave) {
    std::vector<OpenZone> open;
    const auto close = [&] {
        const OpenZone done = open.back();
        open.pop_back();
        leave(done);
        if (!open.empty()) add(open.back().children_ns, done.duration_ns);
    };
    for (const model::Zone& zone : zones) {
        while (open.size() > zone.depth) close();
        const std::int64_t duration = duration_ns(zone, trace_end_ns);
        const std::uint32_t tag = enter(zone, duration, open.empty() ? nullptr : &open.back());
        open.push_back({&zone, duration, 0, tag});
    }
    while (!open.empty()) close();
}

/// That thread, or all.
inline std::span<const model::Thread> threads_of(const model::Trace& trace, std::optional<std::size_t> thread) {
    if (!thread) return trace.threads;
    if (*thread >= trace.threads.size()) throw base::ValueError(base::problem<base::ErrorCode::NoSuchThread>());
    return {&trace.threads[*thread], 1};
}

/// How long some zone was open on the thread.
inline std::int64_t busy_ns(const model::Thread& thread, std::int64_t trace_end_ns) noexcept {
    std::int64_t sum = 0;
    for (const model::Zone& zone : thread.zones) {
        if (zone.depth == 0) add(sum, duration_ns(zone, trace_end_ns));
    }
    return sum;
}

}  // namespace tracypy::analysis
