#include "analysis/durations.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tracypy::analysis {

void Durations::count_values() {
    pages_ = std::make_unique<Pages>();
    std::vector<std::int64_t> longer;
    for (const std::int64_t value : values_) {
        if (value < kCounted) {
            count(value);
        } else {
            longer.push_back(value);
        }
    }
    values_ = std::move(longer);
}

template <typename Use>
void Durations::each(Use&& use) const {
    if (pages_ != nullptr) {
        for (std::size_t number = 0; number < pages_->size(); ++number) {
            const std::unique_ptr<Page>& page = (*pages_)[number];
            for (std::size_t i = 0; page && i < page->size(); ++i) {
                if ((*page)[i] != 0)
                    use(static_cast<std::int64_t>(number) * kPage + static_cast<std::int64_t>(i), (*page)[i]);
            }
        }
    }
    for (const std::int64_t value : values_) use(value, std::uint32_t{1});
}

void Durations::describe(FunctionStats& stats) {
    if (count_ == 0) return;
    std::ranges::sort(values_);
    const auto calls = static_cast<double>(count_);
    double sum = 0;
    bool is_first = true;
    each([&](std::int64_t value, std::uint32_t count) {
        if (std::exchange(is_first, false)) stats.min_ns = value;
        stats.max_ns = value;
        sum += static_cast<double>(value) * count;
    });
    stats.mean_ns = sum / calls;
    // Each quantile lies between two neighbours, in proportion.
    struct Quantile {
        double* result;
        double place;
        double next = 0;
        std::uint64_t low = static_cast<std::uint64_t>(place);
    };
    std::array<Quantile, 3> quantiles{{{&stats.median_ns, 0.5 * (calls - 1)},
                                       {&stats.p95_ns, 0.95 * (calls - 1)},
                                       {&stats.p99_ns, 0.99 * (calls - 1)}}};
    std::uint64_t before = 0;
    double squares = 0;
    each([&](std::int64_t value, std::uint32_t count) {
        const double distance = static_cast<double>(value) - stats.mean_ns;
        squares += distance * distance * count;
        const auto holds = [&](std::uint64_t place) { return place >= before && place < before + count; };
        for (Quantile& quantile : quantiles) {
            if (holds(quantile.low)) *quantile.result = quantile.next = static_cast<double>(value);
            if (holds(quantile.low + 1)) quantile.next = static_cast<double>(value);
        }
        before += count;
    });
    for (const Quantile& quantile : quantiles) {
        *quantile.result += (quantile.place - static_cast<double>(quantile.low)) * (quantile.next - *quantile.result);
    }
    stats.std_ns = count_ > 1 ? std::sqrt(squares / (calls - 1)) : 0;
}

}  // namespace tracypy::analysis
