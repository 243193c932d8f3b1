// The same functions in two recordings: what they cost in each, and whether the difference is more than chance.
#pragma once

#include <optional>
#include <vector>

#include "analysis/functions.hpp"
#include "analysis/rank_sum.hpp"

namespace tracypy::analysis {

struct Comparison {
    FunctionStats before, after;
    std::optional<RankSum> test;  // of the durations of the calls; none if either side has fewer than kLeastSample
};

/// One row per group, the groups of both traces being numbered alike.
std::vector<Comparison> compare(const model::Trace& before, const Groups& before_groups, const model::Trace& after,
                                const Groups& after_groups);

}  // namespace tracypy::analysis
