// Walks the zones of a thread as the tree that they are, and knows how long each took, with and without its children.
//
// Files of others may hold any times: a zone that ends before it begins took no time, and sums stop at the largest
// number instead of overflowing. A zone that never ended lasts until the trace does.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <utility>
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
    model::Zone zone;
    std::int64_t duration_ns;
    std::int64_t busy_ns;  // the time of it in which its row ran: all of it, but on fibers
    std::int64_t children_ns;
    std::uint32_t tag;  // what enter() gave it

    std::int64_t self_ns() const noexcept { return duration_ns > children_ns ? duration_ns - children_ns : 0; }
};

/// How much of a time a row ran: a thread always, a fiber in its runs.
class RunTime {
public:
    RunTime(const model::Thread& thread, std::int64_t trace_end_ns) : runs_(thread.runs), end_ns_(trace_end_ns) {
        before_.reserve(runs_.size());
        std::int64_t sum = 0;
        for (const model::FiberRun& run : runs_) {
            before_.push_back(sum);
            add(sum, length_of(run, kMostNs));
        }
        all_ns_ = sum;
    }
    /// All runs, of which a thread has none.
    std::int64_t all_ns() const noexcept { return all_ns_; }
    std::int64_t busy_ns(const model::Zone& zone) const noexcept {
        const std::int64_t duration = duration_ns(zone, end_ns_);
        if (runs_.empty() || duration == 0) return duration;
        const std::int64_t ran = until(zone.start_ns + duration) - until(zone.start_ns);
        return std::clamp<std::int64_t>(ran, 0, duration);
    }

private:
    std::int64_t length_of(const model::FiberRun& run, std::int64_t until_ns) const noexcept {
        const std::int64_t end = std::min(run.end_ns == model::kOpen ? end_ns_ : run.end_ns, until_ns);
        return end > run.start_ns ? end - run.start_ns : 0;
    }
    std::int64_t until(std::int64_t time_ns) const noexcept {
        const auto next =
            std::upper_bound(runs_.begin(), runs_.end(), time_ns,
                             [](std::int64_t time, const model::FiberRun& run) { return time < run.start_ns; });
        if (next == runs_.begin()) return 0;
        const auto index = static_cast<std::size_t>(next - runs_.begin()) - 1;
        return before_[index] + length_of(runs_[index], time_ns);
    }

    std::span<const model::FiberRun> runs_;
    std::int64_t end_ns_;
    std::int64_t all_ns_ = 0;
    std::vector<std::int64_t> before_;  // by run: how long all earlier ones were
};

/// Calls `enter(zone, duration_ns, parent)` at each beginning, parent being null at the top, and `leave(open)` at each
/// end, when the time of the children is known. What enter() returns is the open zone's tag. `more()` gives the
/// thread's next zones, and none in the end.
template <typename More, typename Enter, typename Leave>
void walk(const model::Thread& thread, More&& more, std::int64_t trace_end_ns, Enter&& enter, Leave&& leave) {
    const RunTime run_time(thread, trace_end_ns);
    std::vector<OpenZone> open;
    const auto close = [&] {
        const OpenZone done = open.back();
        open.pop_back();
        leave(done);
        if (!open.empty()) add(open.back().children_ns, done.duration_ns);
    };
    for (std::span<const model::Zone> zones = more(); !zones.empty(); zones = more()) {
        for (const model::Zone& zone : zones) {
            while (open.size() > zone.depth) close();
            const std::int64_t duration = duration_ns(zone, trace_end_ns);
            const std::uint32_t tag = enter(zone, duration, open.empty() ? nullptr : &open.back());
            open.push_back({zone, duration, run_time.busy_ns(zone), 0, tag});
        }
    }
    while (!open.empty()) close();
}

/// The same of a thread whose zones are in its table.
template <typename Enter, typename Leave>
void walk(const model::Thread& thread, std::int64_t trace_end_ns, Enter&& enter, Leave&& leave) {
    std::span<const model::Zone> all = thread.zones;
    walk(thread, [&] { return std::exchange(all, {}); }, trace_end_ns, enter, leave);
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
