// Statistics of traces at their edges. What ordinary traces add up to is tested from Python, in tests/unit/trace.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "analysis/call_edges.hpp"
#include "analysis/call_tree.hpp"
#include "analysis/comparison.hpp"
#include "analysis/durations.hpp"
#include "analysis/functions.hpp"
#include "analysis/zone_walk.hpp"
#include "base/error.hpp"
#include "check.hpp"

namespace tracypy::native_tests {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();

/// One thread with these zones; as many locations as they name.
model::Trace trace_of(model::ZoneTable zones, std::int64_t end_ns) {
    model::Trace trace;
    trace.info.last_time_ns = end_ns;
    std::size_t locations = 0;
    for (const model::Zone& zone : zones) locations = std::max(locations, std::size_t{zone.location} + 1);
    trace.locations.resize(locations);
    trace.threads.emplace_back().zones = std::move(zones);
    return trace;
}

/// `calls` zones one after the other, each as long as the one before and `step` more.
model::Trace row_of(std::size_t calls, std::int64_t first_ns, std::int64_t step) {
    model::ZoneTable zones;
    std::int64_t at = 0;
    for (std::size_t i = 0; i < calls; ++i) {
        const std::int64_t span = first_ns + static_cast<std::int64_t>(i) * step;
        zones.push_back({at, at + span, 0, 0, 0, 0});
        at += span;
    }
    return trace_of(std::move(zones), at);
}

TEST(empty_trace_has_no_statistics) {
    const model::Trace trace;
    CHECK(analysis::function_stats(trace, std::nullopt).empty());
    CHECK(analysis::call_tree(trace, std::nullopt).parent.empty());
    CHECK(analysis::call_edges(trace, std::nullopt).empty());
    CHECK(analysis::compare(trace, {}, trace, {}).empty());
}

TEST(thread_that_is_not_there_is_an_error) {
    const model::Trace trace = row_of(3, 10, 0);
    bool refused = false;
    try {
        analysis::function_stats(trace, 1);
    } catch (const base::ValueError&) {
        refused = true;
    }
    CHECK(refused);
}

TEST(sums_stop_at_the_largest_number) {
    const model::Trace trace = trace_of({{kLeast, kMost, 0, 0, 0, 0}, {kLeast, kMost, 0, 0, 0, 0}}, kMost);
    const auto stats = analysis::function_stats(trace, std::nullopt);
    REQUIRE(stats.size() == 1);
    CHECK(stats[0].calls == 2 && stats[0].total_ns == kMost && stats[0].self_ns == kMost);
    CHECK(analysis::busy_ns(trace.threads[0], kMost) == kMost);
}

TEST(children_longer_than_their_parent_leave_it_nothing) {
    const model::Trace trace = trace_of({{0, 10, 0, 0, 2, 0}, {0, 8, 1, 0, 0, 1}, {2, 9, 1, 0, 0, 1}}, 10);
    const auto stats = analysis::function_stats(trace, std::nullopt);
    REQUIRE(stats.size() == 2);
    CHECK(stats[0].location == 1 && stats[0].self_ns == 15);
    CHECK(stats[1].location == 0 && stats[1].self_ns == 0 && stats[1].total_ns == 10);
}

TEST(deep_recursion_is_walked_without_recursion) {
    model::ZoneTable zones;
    constexpr std::uint32_t kDepth = 1'000'000;
    for (std::uint32_t depth = 0; depth < kDepth; ++depth) {
        zones.push_back({depth, 2 * std::int64_t{kDepth} - depth, 0, 0, depth + 1 < kDepth ? 1u : 0u, depth});
    }
    const model::Trace trace = trace_of(std::move(zones), 2 * kDepth);
    const auto stats = analysis::function_stats(trace, std::nullopt);
    REQUIRE(stats.size() == 1);
    CHECK(stats[0].primitive_calls == 1 && stats[0].total_ns == 2 * kDepth && stats[0].self_ns == 2 * kDepth);
    CHECK(analysis::call_tree(trace, std::nullopt).parent.size() == kDepth);
    CHECK(analysis::call_edges(trace, std::nullopt).size() == 2);
}

TEST(quantiles_lie_between_neighbours) {
    const auto stats = analysis::function_stats(row_of(101, 0, 10), std::nullopt);
    REQUIRE(stats.size() == 1);
    CHECK(stats[0].median_ns == 500 && stats[0].p95_ns == 950 && stats[0].p99_ns == 990);
    const auto two = analysis::function_stats(row_of(2, 100, 100), std::nullopt);
    CHECK(two[0].median_ns == 150 && std::abs(two[0].p99_ns - 199) < 1e-9);
}

TEST(durations_are_described_as_the_values_are) {
    std::mt19937 random(4);
    for (const std::size_t calls : {1, 2, 3, 100, 4096, 4097, 50'000}) {
        model::ZoneTable zones;
        analysis::Durations durations;
        std::int64_t at = 0;
        for (std::size_t i = 0; i < calls; ++i) {
            const std::int64_t span = random() % 5 == 0 ? random() % 10'000'000 : random() % 300;
            zones.push_back({at, at + span, 0, 0, 0, 0});
            durations.add(span);
            at += span;
        }
        const auto expected = analysis::function_stats(trace_of(std::move(zones), at), std::nullopt);
        analysis::FunctionStats found{};
        durations.describe(found);
        CHECK(durations.size() == calls);
        CHECK(found.min_ns == expected[0].min_ns && found.max_ns == expected[0].max_ns);
        CHECK(found.mean_ns == expected[0].mean_ns && found.median_ns == expected[0].median_ns);
        CHECK(found.p95_ns == expected[0].p95_ns && found.p99_ns == expected[0].p99_ns);
        CHECK(std::abs(found.std_ns - expected[0].std_ns) <= 1e-9 * expected[0].std_ns);
    }
}

TEST(rank_sum_of_known_samples) {
    // Apart: U is 0 or n * m. Normal approximation of 8 and 8 with no ties: z = (32 - 0.5) / sqrt(8 * 8 * 17 / 12).
    const analysis::Groups one{{0}, 1};
    const auto apart = analysis::compare(row_of(8, 10, 1), one, row_of(8, 100, 1), one);
    REQUIRE(apart.size() == 1 && apart[0].test);
    CHECK(apart[0].test->superiority == 1);
    CHECK(std::abs(apart[0].test->p_value - std::erfc(31.5 / std::sqrt(64.0 * 17 / 12) / std::sqrt(2.0))) < 1e-12);
    const auto equal = analysis::compare(row_of(9, 10, 0), one, row_of(20, 10, 0), one);
    CHECK(equal[0].test && equal[0].test->p_value == 1 && equal[0].test->superiority == 0.5);
    CHECK(!analysis::compare(row_of(7, 10, 0), one, row_of(20, 10, 0), one)[0].test);
}

TEST(groups_that_do_not_fit_are_an_error) {
    const model::Trace trace = row_of(3, 10, 0);
    for (const analysis::Groups& wrong : {analysis::Groups{{}, 1}, analysis::Groups{{1}, 1}}) {
        bool refused = false;
        try {
            analysis::compare(trace, wrong, trace, wrong);
        } catch (const base::ValueError&) {
            refused = true;
        }
        CHECK(refused);
    }
}

}  // namespace
}  // namespace tracypy::native_tests
