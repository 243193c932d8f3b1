#include "analysis/function_tally.hpp"

#include <algorithm>
#include <functional>

#include "analysis/zone_walk.hpp"

namespace tracypy::analysis {

void FunctionTally::close(model::LocationIndex location, bool counts, const CallTimes& times) {
    Sum& sum = sums_[location];
    sum.calls += counts ? 1 : 0;
    if (--running_[location] == 0) {
        sum.primitive_calls += counts ? 1 : 0;
        add(sum.total_ns, times.duration_ns);
        add(sum.busy_ns, times.busy_ns);
    }
    add(sum.self_ns, times.self_ns);
}

void FunctionTally::add_busy(model::LocationIndex location, std::int64_t busy_ns) {
    add(sums_[location].busy_ns, busy_ns);
}

void FunctionTally::lasted_in_parts(model::LocationIndex location, std::int64_t duration_ns, bool is_part) {
    Parted& parted = parted_[location];
    if (is_part) return add(parted.last_ns ? *parted.last_ns : parted.early_ns, duration_ns);
    if (parted.last_ns) sums_[location].durations.add(*parted.last_ns);
    parted.last_ns = duration_ns;
}

void FunctionTally::finish_parts() {
    for (auto& [location, parted] : parted_) {
        if (!parted.last_ns) continue;
        add(*parted.last_ns, parted.early_ns);
        sums_[location].durations.add(*parted.last_ns);
    }
    parted_.clear();
}

std::vector<FunctionStats> FunctionTally::stats() {
    std::vector<FunctionStats> stats;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        Sum& sum = sums_[i];
        if (sum.calls == 0 && sum.total_ns == 0) continue;
        FunctionStats& function = stats.emplace_back();
        function.location = static_cast<model::LocationIndex>(i);
        function.calls = sum.calls;
        function.primitive_calls = sum.primitive_calls;
        function.total_ns = sum.total_ns;
        function.busy_ns = sum.busy_ns;
        function.self_ns = sum.self_ns;
        sum.durations.describe(function);
    }
    std::ranges::stable_sort(stats, std::ranges::greater{}, &FunctionStats::self_ns);
    return stats;
}

}  // namespace tracypy::analysis
