// What each function cost: one row per source location that has zones.
//
// Self time is a call's time without its direct children's. Total
// time counts a function that calls itself, directly or not, once per outermost call: what happens inside is part of
// that already. The distribution is that of all calls, inner ones too. A zone that the recording holds in parts counts
// as one, with the time of all of them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::analysis {

struct FunctionStats {
    model::LocationIndex location;
    std::uint64_t calls = 0;
    std::uint64_t primitive_calls = 0;  // outermost ones: with no call of it open already
    std::int64_t total_ns = 0;
    std::int64_t busy_ns = 0;  // of total_ns, the time in which its row ran: less where a task waits
    std::int64_t self_ns = 0;
    // Of the durations of the calls:
    std::int64_t min_ns = 0;
    std::int64_t max_ns = 0;
    double mean_ns = 0;
    double median_ns = 0;  // as p95 and p99, between neighbours in proportion
    double p95_ns = 0;
    double p99_ns = 0;
    double std_ns = 0;  // of a sample (n - 1), 0 for one call
};

/// Of one thread, or of all; most self time first.
std::vector<FunctionStats> function_stats(const model::Trace& trace, std::optional<std::size_t> thread);

/// Locations that count as one function, such as those of one name in one file: the group of each location.
struct Groups {
    std::vector<std::uint32_t> of_location;
    std::size_t count = 0;
};

/// What each group cost, `location` being its number, and how long its calls took: those of group i are
/// durations[first[i]] to durations[first[i + 1] - 1], in no order.
struct GroupStats {
    std::vector<FunctionStats> stats;
    std::vector<std::size_t> first;
    std::vector<std::int64_t> durations;

    std::span<std::int64_t> durations_of(std::size_t group) {
        return {durations.data() + first[group], first[group + 1] - first[group]};
    }
};

GroupStats group_stats(const model::Trace& trace, std::optional<std::size_t> thread, const Groups& groups);

}  // namespace tracypy::analysis
