// What tasks cost: the outermost zones on fibers, those of one name together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "analysis/durations.hpp"
#include "model/trace.hpp"

namespace tracypy::analysis {

struct TaskStats {
    std::string name;  // of the rows
    std::uint64_t count = 0;
    std::int64_t busy_ns = 0;  // the time in which the rows ran
    std::int64_t latency_ns = 0;
    double mean_ns = 0;
    double median_ns = 0;  // as p95, between neighbours in proportion
    double p95_ns = 0;
    std::int64_t max_ns = 0;
};

/// Told of tasks one by one.
class TaskTally {
public:
    /// Those that follow are on this fiber, whose name is known.
    void start_row(const model::Trace& trace, std::size_t thread);
    void add(std::int64_t latency_ns);
    /// The busiest first. `trace` has the runs of its fibers now.
    std::vector<TaskStats> stats(const model::Trace& trace);

private:
    struct Sum {
        std::string name;
        std::int64_t latency_ns = 0;
        Durations durations;
    };
    std::map<std::string, std::size_t, std::less<>> numbers_;
    std::vector<Sum> sums_;  // in the order in which their names came
    std::size_t row_ = 0;
};

/// Of the zones in its tables.
std::vector<TaskStats> task_stats(const model::Trace& trace);

}  // namespace tracypy::analysis
