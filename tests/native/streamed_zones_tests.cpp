// Zones that are read from a file twice: the same as those of its tables, whatever part of them is wanted, and however
// few may wait for their ends.
#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "analysis/call_tree.hpp"
#include "check.hpp"
#include "model/excerpt.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/streamed_zones.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using model::Excerpt;
using model::Trace;
using model::Zone;

struct Row {
    std::int64_t start, end, children_ns;
    std::uint32_t location, extra, children, depth;
    bool operator==(const Row&) const = default;
};

std::vector<std::vector<Row>> all_rows(model::ZoneSupply& zones, const std::vector<std::size_t>& threads) {
    std::vector<std::vector<Row>> all;
    for (const std::size_t thread : threads) {
        zones.start(thread, true);
        std::vector<Row>& rows = all.emplace_back();
        for (model::ZoneSupply::Batch batch = zones.more(); !batch.zones.empty(); batch = zones.more()) {
            CHECK(batch.children_ns.size() == batch.zones.size());
            for (std::size_t i = 0; i < batch.children_ns.size(); ++i) {
                const Zone& zone = batch.zones[i];
                rows.push_back({zone.start_ns, zone.end_ns, batch.children_ns[i], zone.location, zone.extra,
                                zone.children, zone.depth});
            }
        }
    }
    return all;
}

std::string written(const Trace& trace) {
    io::MemorySink sink;
    tracefile::write_trace(sink, trace, {});
    return sink.bytes();
}

/// Zones that nest at random, deep and shallow; one at the end has none.
Trace random_trace(std::uint32_t seed) {
    base::Names names;
    Trace trace = scene_trace(names);
    std::mt19937 random(seed);
    for (model::Thread& thread : trace.threads) {
        thread.zones.clear();
        std::vector<std::size_t> open;
        std::int64_t now = 0;
        const auto end_one = [&] {
            thread.zones[open.back()].end_ns = now += random() % 50;
            open.pop_back();
        };
        for (int i = 0; i < 700; ++i) {
            while (!open.empty() && random() % 5 < 2) end_one();
            const std::uint32_t location = random() % static_cast<std::uint32_t>(trace.locations.size());
            if (!open.empty()) ++thread.zones[open.back()].children;
            const auto depth = static_cast<std::uint32_t>(open.size());
            open.push_back(thread.zones.size());
            thread.zones.push_back({now += random() % 50, model::kOpen, location, 0, 0, depth});
        }
        while (!open.empty()) end_one();
    }
    trace.threads.emplace_back();
    trace.info.last_time_ns = 70'000;
    return trace;
}

void check_same(const Trace& trace, const Excerpt& excerpt, std::size_t long_from,
                const std::vector<std::size_t>& threads) {
    const std::string bytes = written(trace);
    io::MemorySource source(bytes);
    tracefile::ZonePlan plan(excerpt, long_from);
    tracefile::ReadResult file = tracefile::read_trace(source, &plan);
    plan.finish();
    model::cut(file.trace, excerpt);
    tracefile::StreamedZones streamed(source, file.lists, plan);

    io::MemorySource again(bytes);
    Trace whole = std::move(tracefile::read_trace(again).trace);
    model::cut(whole, excerpt);
    model::TableSupply tables(whole);
    CHECK(all_rows(streamed, threads) == all_rows(tables, threads));
    for (std::size_t i = 0; i < whole.threads.size(); ++i) {
        CHECK(plan.threads()[i].wanted == whole.threads[i].zones.size());
    }
    const analysis::CallTree tree = analysis::call_tree(file.trace, streamed, std::nullopt);
    const analysis::CallTree expected = analysis::call_tree(whole, std::nullopt);
    CHECK(tree.parent == expected.parent && tree.location == expected.location && tree.calls == expected.calls);
    CHECK(tree.total_ns == expected.total_ns && tree.self_ns == expected.self_ns);
}

}  // namespace

TEST(streamed_zones_are_those_of_the_tables) {
    base::Names names;
    check_same(scene_trace(names), {}, 4, {0, 1, 2});
    check_same(scene_trace(names), {}, tracefile::ZonePlan::kLong, {2, 0, 0});
    for (std::uint32_t seed = 1; seed <= 5; ++seed) {
        for (const std::size_t long_from : {1, 2, 7, 100, 100'000}) {
            check_same(random_trace(seed), {}, long_from, {0, 1, 2, 3, 1});
        }
    }
}

TEST(streamed_zones_are_those_of_a_part) {
    for (std::uint32_t seed = 1; seed <= 5; ++seed) {
        for (const std::size_t long_from : {1, 7, 100'000}) {
            const Trace trace = random_trace(seed);
            check_same(trace, {.least_ns = 40}, long_from, {0, 1, 2, 3});
            check_same(trace, {.from_ns = 4'000, .until_ns = 9'000}, long_from, {2, 1});
            check_same(trace, {.from_ns = 4'000, .until_ns = 9'000, .least_ns = 200}, long_from, {0, 2});
            check_same(trace, {.until_ns = -1}, long_from, {0});
        }
    }
}

TEST(a_file_that_was_changed_is_noticed) {
    const std::string bytes = written(random_trace(1));
    io::MemorySource source(bytes);
    tracefile::ZonePlan plan({}, 8);
    const tracefile::ReadResult file = tracefile::read_trace(source, &plan);
    plan.finish();
    const std::string others = written(random_trace(2));
    io::MemorySource changed(others);
    tracefile::StreamedZones streamed(changed, file.lists, plan);
    bool is_noticed = false;
    try {
        all_rows(streamed, {0, 1, 2});
    } catch (const tracefile::FormatError&) {
        is_noticed = true;
    }
    CHECK(is_noticed);
}

}  // namespace tracypy::native_tests
