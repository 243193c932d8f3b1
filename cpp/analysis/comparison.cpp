#include "analysis/comparison.hpp"

#include <algorithm>

#include "base/error.hpp"

namespace tracypy::analysis {
namespace {

void check(const model::Trace& trace, const Groups& groups) {
    const auto exists = [&](std::uint32_t group) { return group < groups.count; };
    if (groups.of_location.size() != trace.locations.size() ||
        !std::all_of(groups.of_location.begin(), groups.of_location.end(), exists)) {
        throw base::ValueError(base::problem<base::ErrorCode::GroupsMissing>());
    }
}

}  // namespace

std::vector<Comparison> compare(const model::Trace& before, const Groups& before_groups, const model::Trace& after,
                                const Groups& after_groups) {
    check(before, before_groups);
    check(after, after_groups);
    if (before_groups.count != after_groups.count)
        throw base::ValueError(base::problem<base::ErrorCode::GroupsDiffer>());
    GroupStats first = group_stats(before, std::nullopt, before_groups);
    GroupStats second = group_stats(after, std::nullopt, after_groups);
    std::vector<Comparison> rows;
    rows.reserve(before_groups.count);
    for (std::size_t i = 0; i < before_groups.count; ++i) {
        Comparison& row = rows.emplace_back(Comparison{first.stats[i], second.stats[i], std::nullopt});
        if (std::min(row.before.calls, row.after.calls) >= kLeastSample) {
            row.test = rank_sum(first.durations_of(i), second.durations_of(i));
        }
    }
    return rows;
}

}  // namespace tracypy::analysis
