#include "analysis/functions.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <utility>

#include "analysis/zone_walk.hpp"
#include "model/parts.hpp"

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

/// Calls, total and self times.
std::vector<FunctionStats> sums(std::span<const model::Thread> threads, std::int64_t trace_end_ns, const Groups& groups,
                                const model::Parts& parts) {
    std::vector<FunctionStats> stats(groups.count);
    for (std::size_t i = 0; i < stats.size(); ++i) stats[i].location = static_cast<model::LocationIndex>(i);
    std::vector<std::uint32_t> running(groups.count, 0);  // calls of it that are open now
    for (const model::Thread& thread : threads) {
        walk(
            thread, trace_end_ns,
            [&](const model::Zone& zone, std::int64_t duration, const OpenZone*) {
                const std::uint32_t group = groups.of_location[parts.whole(zone.location)];
                const bool counts = !parts.is_part(zone.location);
                FunctionStats& function = stats[group];
                function.calls += counts ? 1 : 0;
                if (running[group]++ == 0) {
                    function.primitive_calls += counts ? 1 : 0;
                    add(function.total_ns, duration);
                }
                return group;
            },
            [&](const OpenZone& zone) {
                if (--running[zone.tag] == 0) add(stats[zone.tag].busy_ns, zone.busy_ns);
                add(stats[zone.tag].self_ns, zone.self_ns());
            });
    }
    return stats;
}

/// Where the durations of later parts go: to the last zone of their location so far, which is theirs as a rule, or to
/// any other one.
class PartDurations {
public:
    explicit PartDurations(std::vector<std::int64_t>& durations) : durations_(durations) {}

    void saw(model::LocationIndex whole, std::size_t place) { last_[whole] = place; }
    void add_part(model::LocationIndex whole, std::int64_t duration) {
        const auto place = last_.find(whole);
        if (place != last_.end()) {
            add(durations_[place->second], duration);
        } else {
            early_.emplace_back(whole, duration);
        }
    }
    /// Those whose zone lies on a row that came later.
    void finish() {
        for (const auto& [whole, duration] : early_) {
            if (const auto place = last_.find(whole); place != last_.end()) add(durations_[place->second], duration);
        }
    }

private:
    std::vector<std::int64_t>& durations_;
    std::unordered_map<model::LocationIndex, std::size_t> last_;
    std::vector<std::pair<model::LocationIndex, std::int64_t>> early_;
};

}  // namespace

GroupStats group_stats(const model::Trace& trace, std::optional<std::size_t> thread, const Groups& groups) {
    const std::span<const model::Thread> threads = threads_of(trace, thread);
    GroupStats result;
    const model::Parts parts(trace);
    result.stats = sums(threads, trace.info.last_time_ns, groups, parts);
    result.first.assign(groups.count + 1, 0);
    for (std::size_t i = 0; i < groups.count; ++i) {
        result.first[i + 1] = result.first[i] + static_cast<std::size_t>(result.stats[i].calls);
    }
    result.durations.resize(result.first.back());
    std::vector<std::size_t> next = result.first;
    PartDurations later(result.durations);
    for (const model::Thread& one : threads) {
        for (const model::Zone& zone : one.zones) {
            const std::int64_t duration = duration_ns(zone, trace.info.last_time_ns);
            if (parts.is_part(zone.location)) {
                later.add_part(parts.whole(zone.location), duration);
                continue;
            }
            const std::size_t place = next[groups.of_location[zone.location]]++;
            result.durations[place] = duration;
            if (parts.any()) later.saw(zone.location, place);
        }
    }
    later.finish();
    for (std::size_t i = 0; i < groups.count; ++i) {
        if (result.stats[i].calls != 0) describe(result.durations_of(i), result.stats[i]);
    }
    return result;
}

std::vector<FunctionStats> function_stats(const model::Trace& trace, std::optional<std::size_t> thread) {
    Groups each{std::vector<std::uint32_t>(trace.locations.size()), trace.locations.size()};
    std::iota(each.of_location.begin(), each.of_location.end(), 0u);
    std::vector<FunctionStats> stats = std::move(group_stats(trace, thread, each).stats);
    std::erase_if(stats, [](const FunctionStats& function) { return function.calls == 0 && function.total_ns == 0; });
    std::stable_sort(stats.begin(), stats.end(), [](const FunctionStats& left, const FunctionStats& right) {
        return left.self_ns > right.self_ns;
    });
    return stats;
}

}  // namespace tracypy::analysis
