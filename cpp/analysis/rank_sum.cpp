#include "analysis/rank_sum.hpp"

#include <algorithm>
#include <cmath>

namespace tracypy::analysis {

RankSum rank_sum(std::span<std::int64_t> first, std::span<std::int64_t> second) {
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    const auto n = static_cast<double>(first.size());
    const auto m = static_cast<double>(second.size());
    double u = 0;
    double ties = 0;  // sum of t^3 - t over the groups of t equal values
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < first.size() || j < second.size()) {
        const bool from_first = j == second.size() || (i < first.size() && first[i] <= second[j]);
        const std::int64_t value = from_first ? first[i] : second[j];
        const std::size_t before = i;
        const std::size_t start = j;
        while (i < first.size() && first[i] == value) ++i;
        while (j < second.size() && second[j] == value) ++j;
        const auto equal_first = static_cast<double>(i - before);
        const auto equal_second = static_cast<double>(j - start);
        u += equal_second * (static_cast<double>(before) + equal_first / 2);
        const double equal = equal_first + equal_second;
        ties += equal * equal * equal - equal;
    }
    RankSum result;
    result.u = u;
    result.superiority = u / (n * m);
    const double all = n + m;
    const double variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
    if (!(variance > 0)) return result;  // all values are equal: nothing tells the samples apart
    // Half a step towards the mean, since ranks are whole and the normal distribution is not.
    const double distance = std::max(0.0, std::abs(u - n * m / 2) - 0.5);
    result.p_value = std::erfc(distance / std::sqrt(variance) / std::sqrt(2.0));
    return result;
}

}  // namespace tracypy::analysis
