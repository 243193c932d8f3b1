#include "analysis/tasks.hpp"

#include <algorithm>
#include <functional>

#include "analysis/zone_walk.hpp"

namespace tracypy::analysis {

void TaskTally::start_row(const model::Trace& trace, std::size_t thread) {
    const std::string name(trace.strings.at(trace.threads[thread].name));
    const auto [place, is_new] = numbers_.try_emplace(name, sums_.size());
    if (is_new) sums_.push_back({name, 0, {}});
    row_ = place->second;
}

void TaskTally::add(std::int64_t latency_ns) {
    Sum& sum = sums_[row_];
    analysis::add(sum.latency_ns, latency_ns);
    sum.durations.add(latency_ns);
}

std::vector<TaskStats> TaskTally::stats(const model::Trace& trace) {
    std::vector<std::int64_t> busy(sums_.size(), 0);
    for (const model::Thread& thread : trace.threads) {
        const auto row = thread.is_fiber ? numbers_.find(trace.strings.at(thread.name)) : numbers_.end();
        if (row != numbers_.end()) analysis::add(busy[row->second], RunTime(thread, trace.info.last_time_ns).all_ns());
    }
    std::vector<TaskStats> stats;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        Sum& sum = sums_[i];
        if (sum.durations.size() == 0) continue;
        FunctionStats described{};
        sum.durations.describe(described);
        stats.push_back({sum.name, sum.durations.size(), busy[i], sum.latency_ns, described.mean_ns,
                         described.median_ns, described.p95_ns, described.max_ns});
    }
    std::ranges::stable_sort(stats, std::ranges::greater{}, &TaskStats::busy_ns);
    return stats;
}

std::vector<TaskStats> task_stats(const model::Trace& trace) {
    TaskTally tally;
    for (std::size_t i = 0; i < trace.threads.size(); ++i) {
        if (!trace.threads[i].is_fiber) continue;
        tally.start_row(trace, i);
        for (const model::Zone& zone : trace.threads[i].zones) {
            if (zone.depth == 0) tally.add(duration_ns(zone, trace.info.last_time_ns));
        }
    }
    return tally.stats(trace);
}

}  // namespace tracypy::analysis
