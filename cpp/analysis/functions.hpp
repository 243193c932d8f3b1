// What each function cost: one row per source location that has zones.
//
// Self time is a call's time without its direct children's. Total time counts a function that calls itself, directly or
// not, once per outermost call: what happens inside is part of that already. The distribution is that of all calls,
// inner ones too.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::analysis {

struct FunctionStats {
    model::LocationIndex location;
    std::uint64_t calls = 0;
    std::uint64_t primitive_calls = 0;  // outermost ones: with no call of it open already
    std::int64_t total_ns = 0;
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

/// The durations of the calls of each location: those of location i are values[first[i]] to values[first[i + 1] - 1],
/// in the order of the table.
struct Durations {
    std::vector<std::size_t> first;
    std::vector<std::int64_t> values;
};
Durations call_durations(const model::Trace& trace, std::optional<std::size_t> thread);

}  // namespace tracypy::analysis
