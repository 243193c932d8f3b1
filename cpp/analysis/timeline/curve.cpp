#include "analysis/timeline/curve.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "model/zones.hpp"

namespace tracypy::analysis {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

template <typename Extremes>
void widen(Extremes& extremes, double lowest, double highest) noexcept {
    extremes.lowest = std::min(extremes.lowest, lowest);
    extremes.highest = std::max(extremes.highest, highest);
}

}  // namespace

Curve::Curve(std::vector<model::PlotPoint> points) : points_(std::move(points)) {
    std::erase_if(points_, [](const model::PlotPoint& point) { return !std::isfinite(point.value); });
    std::ranges::stable_sort(points_, {}, &model::PlotPoint::time_ns);
    std::vector<Extremes> level;
    for (std::size_t i = 0; i < points_.size(); ++i) {
        if (i % kFanOut == 0) level.push_back({kInfinite, -kInfinite});
        widen(level.back(), points_[i].value, points_[i].value);
    }
    while (!level.empty()) {
        levels_.push_back(std::move(level));
        level.clear();
        const std::vector<Extremes>& below = levels_.back();
        if (below.size() == 1) break;
        for (std::size_t i = 0; i < below.size(); ++i) {
            if (i % kFanOut == 0) level.push_back({kInfinite, -kInfinite});
            widen(level.back(), below[i].lowest, below[i].highest);
        }
    }
    if (levels_.empty()) return;
    lowest_ = levels_.back().front().lowest;
    highest_ = levels_.back().front().highest;
}

Curve Curve::of_pool(const model::MemoryPool& pool) {
    std::vector<std::pair<std::int64_t, double>> steps;
    for (const model::Allocation& block : pool.allocations) {
        steps.emplace_back(block.begin_ns, static_cast<double>(block.size));
        if (block.end_ns != model::kOpen) steps.emplace_back(block.end_ns, -static_cast<double>(block.size));
    }
    std::ranges::stable_sort(steps, {}, &std::pair<std::int64_t, double>::first);
    std::vector<model::PlotPoint> points;
    double in_use = 0;
    for (const auto& [time_ns, bytes] : steps) points.push_back({time_ns, in_use += bytes});
    return Curve(std::move(points));
}

Curve::Extremes Curve::extremes(std::size_t first, std::size_t last) const noexcept {
    Extremes all{kInfinite, -kInfinite};
    while (first < last) {
        std::size_t step = 1;
        std::size_t level = 0;
        while (level < levels_.size() && first % (step * kFanOut) == 0 && last - first >= step * kFanOut) {
            step *= kFanOut;
            ++level;
        }
        if (level == 0) {
            widen(all, points_[first].value, points_[first].value);
        } else {
            const Extremes& entry = levels_[level - 1][first / step];
            widen(all, entry.lowest, entry.highest);
        }
        first += step;
    }
    return all;
}

std::vector<DrawnPoints> Curve::draw(std::int64_t from_ns, std::int64_t to_ns, std::int64_t pixel_ns) const {
    std::vector<DrawnPoints> drawn;
    const auto after = [this](std::int64_t time_ns, std::size_t first) {
        const auto found =
            std::upper_bound(points_.begin() + static_cast<std::ptrdiff_t>(first), points_.end(), time_ns,
                             [](std::int64_t time, const model::PlotPoint& one) { return time < one.time_ns; });
        return static_cast<std::size_t>(found - points_.begin());
    };
    std::size_t first = after(from_ns, 0);
    first -= first > 0 ? 1 : 0;
    const std::size_t end = std::min(points_.size(), after(to_ns, first) + 1);
    while (first < end) {
        const std::int64_t start_ns = points_[first].time_ns;
        const std::int64_t limit_ns =
            start_ns > std::numeric_limits<std::int64_t>::max() - pixel_ns ? start_ns : start_ns + pixel_ns;
        const std::size_t last = std::min(end, std::max(after(limit_ns, first), first + 1));
        const Extremes both = extremes(first, last);
        drawn.push_back({static_cast<double>(start_ns), static_cast<double>(points_[last - 1].time_ns),
                         points_[first].value, points_[last - 1].value, both.lowest, both.highest,
                         static_cast<double>(last - first)});
        first = last;
    }
    return drawn;
}

}  // namespace tracypy::analysis
