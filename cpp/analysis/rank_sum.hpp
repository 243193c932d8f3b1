// Whether one sample tends to be larger than another: the rank sum test of Wilcoxon, Mann and Whitney.
//
// It asks nothing of the shape of the distributions, which suits durations: their tails are long. The two samples are
// ranked together, equal values sharing their mean rank; under the hypothesis that both come from one distribution, the
// rank sum of the first is nearly normal, with mean and variance that follow from the sizes and the ties alone. The
// approximation is good from about eight values in each sample on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tracypy::analysis {

inline constexpr std::size_t kLeastSample = 8;

struct RankSum {
    double p_value = 1;        // of both sides
    double u = 0;              // pairs in which the second value is the larger one; equal ones count a half
    double superiority = 0.5;  // u by the number of pairs: the chance that a value of the second sample is larger
};

/// Sorts both samples. Neither may be empty.
RankSum rank_sum(std::span<std::int64_t> first, std::span<std::int64_t> second);

}  // namespace tracypy::analysis
