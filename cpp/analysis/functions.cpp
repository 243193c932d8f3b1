#include "analysis/functions.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "analysis/zone_walk.hpp"

namespace tracypy::analysis {
namespace {

/// Quantiles in rising order, each search in what the one before left unsorted.
class Quantiles {
public:
    explicit Quantiles(std::span<std::int64_t> values) : values_(values) {}

    double at(double fraction) {
        const double place = fraction * static_cast<double>(values_.size() - 1);
        const auto index = static_cast<std::size_t>(place);
        const auto low = values_.begin() + static_cast<std::ptrdiff_t>(index);
        std::nth_element(values_.begin() + static_cast<std::ptrdiff_t>(sorted_), low, values_.end());
        sorted_ = index;
        const double part = place - static_cast<double>(index);
        const auto value = static_cast<double>(*low);
        if (part == 0 || low + 1 == values_.end()) return value;
        const auto next = static_cast<double>(*std::min_element(low + 1, values_.end()));
        return value + part * (next - value);
    }

private:
    std::span<std::int64_t> values_;
    std::size_t sorted_ = 0;  // nothing before it is larger than what is after it
};

void describe(std::span<std::int64_t> values, FunctionStats& stats) {
    const auto [least, most] = std::minmax_element(values.begin(), values.end());
    stats.min_ns = *least;
    stats.max_ns = *most;
    const auto count = static_cast<double>(values.size());
    double sum = 0;
    for (const std::int64_t value : values) sum += static_cast<double>(value);
    stats.mean_ns = sum / count;
    double squares = 0;
    for (const std::int64_t value : values) {
        const double distance = static_cast<double>(value) - stats.mean_ns;
        squares += distance * distance;
    }
    stats.std_ns = values.size() > 1 ? std::sqrt(squares / (count - 1)) : 0;
    Quantiles quantiles(values);
    stats.median_ns = quantiles.at(0.5);
    stats.p95_ns = quantiles.at(0.95);
    stats.p99_ns = quantiles.at(0.99);
}

/// Total and self times, by location.
std::vector<FunctionStats> sums(const model::Trace& trace, std::span<const model::Thread> threads) {
    std::vector<FunctionStats> stats(trace.locations.size());
    for (std::size_t i = 0; i < stats.size(); ++i) stats[i].location = static_cast<model::LocationIndex>(i);
    std::vector<std::uint32_t> running(trace.locations.size(), 0);  // calls of it that are open now
    for (const model::Thread& thread : threads) {
        walk(
            thread.zones, trace.info.last_time_ns,
            [&](const model::Zone& zone, std::int64_t duration, const OpenZone*) {
                FunctionStats& function = stats[zone.location];
                ++function.calls;
                if (running[zone.location]++ == 0) {
                    ++function.primitive_calls;
                    add(function.total_ns, duration);
                }
                return 0u;
            },
            [&](const OpenZone& zone) {
                --running[zone.zone->location];
                add(stats[zone.zone->location].self_ns, zone.self_ns());
            });
    }
    return stats;
}

}  // namespace

Durations call_durations(const model::Trace& trace, std::optional<std::size_t> thread) {
    const std::span<const model::Thread> threads = threads_of(trace, thread);
    Durations durations;
    durations.first.assign(trace.locations.size() + 1, 0);
    for (const model::Thread& one : threads) {
        for (const model::Zone& zone : one.zones) ++durations.first[zone.location + 1];
    }
    for (std::size_t i = 1; i < durations.first.size(); ++i) durations.first[i] += durations.first[i - 1];
    durations.values.resize(durations.first.back());
    std::vector<std::size_t> next = durations.first;
    for (const model::Thread& one : threads) {
        for (const model::Zone& zone : one.zones) {
            durations.values[next[zone.location]++] = duration_ns(zone, trace.info.last_time_ns);
        }
    }
    return durations;
}

std::vector<FunctionStats> function_stats(const model::Trace& trace, std::optional<std::size_t> thread) {
    std::vector<FunctionStats> stats = sums(trace, threads_of(trace, thread));
    Durations durations = call_durations(trace, thread);
    for (FunctionStats& function : stats) {
        if (function.calls == 0) continue;
        std::int64_t* const first = durations.values.data() + durations.first[function.location];
        describe({first, static_cast<std::size_t>(function.calls)}, function);
    }
    std::erase_if(stats, [](const FunctionStats& function) { return function.calls == 0; });
    std::stable_sort(stats.begin(), stats.end(), [](const FunctionStats& left, const FunctionStats& right) {
        return left.self_ns > right.self_ns;
    });
    return stats;
}

}  // namespace tracypy::analysis
