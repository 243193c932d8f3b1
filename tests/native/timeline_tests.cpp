// The index of a timeline, against what a plain look at all zones says.
#include "analysis/timeline/timeline.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "analysis/functions.hpp"
#include "analysis/timeline/curve.hpp"
#include "analysis/timeline/drawing.hpp"
#include "analysis/timeline/looking.hpp"
#include "analysis/timeline/packing.hpp"
#include "analysis/zone_walk.hpp"
#include "check.hpp"

namespace tracypy::native_tests {
namespace {

using analysis::DrawnBox;
using analysis::Row;
using analysis::Timeline;

constexpr std::uint32_t kLocations = 100;

/// A tree of zones, as programs make them: some short, some long, some of no time at all, gaps between them.
void add_zones(model::ZoneTable& zones, std::mt19937& random, std::int64_t& now, std::uint32_t depth,
               std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t place = zones.size();
        const std::uint32_t children = depth < 5 && random() % 4 == 0 ? static_cast<std::uint32_t>(random() % 40) : 0;
        now += static_cast<std::int64_t>(random() % 3 * (random() % 50));
        const auto extra = static_cast<std::uint32_t>(random() % 9 == 0 ? 1 : 0);
        zones.push_back({now, 0, static_cast<std::uint32_t>(random() % kLocations), extra, children, depth});
        add_zones(zones, random, now, depth + 1, children);
        now += static_cast<std::int64_t>(random() % 2 * (random() % (random() % 300 == 0 ? 100'000 : 60)));
        zones[place].end_ns = now;
    }
}

model::Trace random_trace(unsigned seed, std::size_t roots) {
    std::mt19937 random(seed);
    model::Trace trace;
    trace.locations.resize(kLocations);
    trace.zone_extras.push_back({.color = 0x123456});
    for (int thread = 0; thread < 2; ++thread) {
        std::int64_t now = 0;
        add_zones(trace.threads.emplace_back().zones, random, now, 0, roots);
        trace.info.last_time_ns = std::max(trace.info.last_time_ns, now);
    }
    return trace;
}

std::vector<std::size_t> at_depth(const model::ZoneTable& zones, std::uint32_t depth) {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        if (zones[i].depth == depth) found.push_back(i);
    }
    return found;
}

TEST(timeline_has_every_zone_of_the_trace) {
    const model::Trace trace = random_trace(1, 3000);
    const Timeline timeline(trace);
    CHECK(timeline.threads() == 2 && timeline.mended() == 0);
    for (std::uint32_t lane = 0; lane < 2; ++lane) {
        const model::ZoneTable& zones = trace.threads[lane].zones;
        std::map<std::size_t, analysis::ZonePlace> places;
        for (std::uint32_t depth = 0; depth < timeline.lane(lane).size(); ++depth) {
            const Row& row = timeline.lane(lane)[depth];
            const std::vector<std::size_t> expected = at_depth(zones, depth);
            REQUIRE(row.size() == expected.size());
            bool is_same = true;
            for (std::uint32_t i = 0; i < row.size(); ++i) {
                const model::Zone& zone = zones[expected[i]];
                const analysis::RowZone one = row.at(i);
                is_same = is_same && one.start_ns == zone.start_ns && one.end_ns == zone.end_ns &&
                          one.location == zone.location && one.children == zone.children && row.extra(i) == zone.extra;
                places[expected[i]] = {lane, depth, i};
            }
            CHECK(is_same);
        }
        std::vector<std::size_t> open;
        bool are_parents_right = true;
        for (std::size_t i = 0; i < zones.size(); i += 1) {
            open.resize(zones[i].depth);
            if (i % 7 == 0) {
                const auto look = analysis::look_at(timeline, places[i]);
                are_parents_right = are_parents_right && look && look->parent.has_value() == !open.empty() &&
                                    (open.empty() || *look->parent == places[open.back()]);
            }
            open.push_back(i);
        }
        CHECK(are_parents_right);
    }
}

TEST(boxes_hold_every_zone_once_and_are_no_more_than_pixels) {
    const model::Trace trace = random_trace(2, 20'000);
    const Timeline timeline(trace);
    const std::int64_t end = trace.info.last_time_ns;
    for (const std::int64_t pixels : {1, 10, 1000, 100'000}) {
        for (const auto& [from, to] :
             {std::pair{std::int64_t{0}, end + 1}, {end / 3, end / 2}, {end / 5, end / 5 + 9000}}) {
            const std::int64_t pixel = std::max<std::int64_t>((to - from) / pixels, 1);
            for (std::uint32_t depth = 0; depth < timeline.lane(0).size(); ++depth) {
                const Row& row = timeline.lane(0)[depth];
                std::vector<DrawnBox> boxes;
                analysis::draw(row, from, to, pixel, trace.zone_extras, boxes);
                std::uint64_t drawn = 0;
                double before = -1;
                bool is_right = true;
                for (const DrawnBox& box : boxes) {
                    drawn += box.count;
                    is_right =
                        is_right && box.start_ns >= before && box.end_ns >= box.start_ns && box.covered <= 1'000'000;
                    is_right = is_right && (box.count == 1 || box.end_ns - box.start_ns <= static_cast<double>(pixel));
                    is_right = is_right && row.at(box.zone).location == box.location;
                    is_right = is_right && box.color == (row.extra(box.zone) == 0 ? 0u : 0x123456u);
                    before = box.end_ns;
                }
                CHECK(is_right);
                const std::uint32_t first = row.first_after(from);
                CHECK(drawn == std::max(row.first_from(to), first) - first);
                CHECK(boxes.empty() || boxes[0].start_ns >= static_cast<double>(from) || boxes[0].count == 1);
                CHECK(boxes.size() <= static_cast<std::size_t>(3 * (to - from) / pixel + 3));
            }
        }
    }
}

TEST(what_is_added_up_on_the_way_is_what_the_trace_adds_up_to) {
    const model::Trace trace = random_trace(3, 3000);
    const Timeline timeline(trace);
    for (const analysis::FunctionStats& function : analysis::function_stats(trace, std::nullopt)) {
        const analysis::FunctionSum& sum = timeline.functions()[function.location];
        CHECK(sum.calls == function.calls && sum.primitive_calls == function.primitive_calls);
        CHECK(sum.total_ns == function.total_ns && sum.self_ns == function.self_ns);
        CHECK(sum.min_ns == function.min_ns && sum.max_ns == function.max_ns);
        std::uint64_t steps = 0;
        for (const std::uint32_t count : *sum.steps) steps += count;
        CHECK(steps == function.calls);
    }
    const std::vector<std::uint32_t> both{0, 1};
    const auto shares = analysis::functions_in(timeline, both, 0, trace.info.last_time_ns + 1);
    for (const analysis::FunctionShare& share : shares) {
        const analysis::FunctionSum& sum = timeline.functions()[share.location];
        CHECK(share.total_ns == sum.total_ns && share.self_ns == sum.self_ns);
    }
}

TEST(a_span_has_the_time_inside_it) {
    const model::Trace trace = random_trace(4, 3000);
    const Timeline timeline(trace);
    const std::int64_t from = trace.info.last_time_ns / 3;
    const std::int64_t to = 2 * from;
    std::vector<std::int64_t> self(kLocations, 0);
    std::vector<model::LocationIndex> open;
    for (const model::Zone& zone : trace.threads[1].zones) {
        open.resize(zone.depth);
        const std::int64_t inside =
            std::max<std::int64_t>(std::min(zone.end_ns, to) - std::max(zone.start_ns, from), 0);
        self[zone.location] += inside;
        if (!open.empty()) self[open.back()] -= inside;
        open.push_back(zone.location);
    }
    const std::vector<std::uint32_t> second{1};
    std::vector<std::int64_t> found(kLocations, 0);
    for (const auto& share : analysis::functions_in(timeline, second, from, to)) found[share.location] = share.self_ns;
    CHECK(found == self);
    const analysis::CallTree tree = analysis::tree_in(timeline, second, from, to);
    std::vector<std::int64_t> of_tree(kLocations, 0);
    for (std::size_t i = 0; i < tree.parent.size(); ++i) {
        of_tree[static_cast<std::size_t>(tree.location[i])] += tree.self_ns[i];
    }
    CHECK(of_tree == self);
}

TEST(search_meets_every_zone_of_a_function_once_in_both_directions) {
    const model::Trace trace = random_trace(5, 1500);
    const Timeline timeline(trace);
    analysis::Wanted wanted{std::vector<bool>(kLocations, false), {}};
    wanted.locations[7] = wanted.locations[71] = true;
    std::size_t expected = 0;
    for (const model::Thread& thread : trace.threads) {
        expected += static_cast<std::size_t>(std::ranges::count_if(
            thread.zones, [&](const model::Zone& zone) { return wanted.has_location(zone.location); }));
    }
    std::vector<analysis::ZonePlace> forward, backward;
    std::int64_t time = -1;
    analysis::ZonePlace place{0, 0, 0};
    while (const auto found = analysis::find(timeline, wanted, time, place, true)) {
        forward.push_back(found->place);
        time = found->zone.start_ns;
        place = found->place;
        if (forward.size() > expected) break;
    }
    CHECK(forward.size() == expected);
    backward.push_back(place);
    while (const auto found = analysis::find(timeline, wanted, time, place, false)) {
        backward.push_back(found->place);
        time = found->zone.start_ns;
        place = found->place;
        if (backward.size() > expected) break;
    }
    std::ranges::reverse(backward);
    CHECK(backward == forward);
}

TEST(packed_lane_keeps_whole_trees) {
    const model::Trace trace = random_trace(8, 2000);
    const Timeline timeline(trace);
    for (const std::int64_t least : {std::int64_t{0}, std::int64_t{30}, std::int64_t{500}, std::int64_t{1} << 40}) {
        const analysis::PackedLane packed = analysis::packed(timeline.lane(1), true, least);
        std::size_t at = 0;
        const auto next = [&] {
            std::uint64_t value = 0;
            for (unsigned shift = 0;; shift += 7) {
                const auto byte = static_cast<std::uint8_t>(packed.bytes[at++]);
                value |= std::uint64_t{byte & 127u} << shift;
                if (byte < 128) return value;
            }
        };
        std::uint64_t expected = 0;
        for (const model::Zone& zone : trace.threads[1].zones) expected += zone.end_ns - zone.start_ns >= least ? 1 : 0;
        std::uint64_t zones = 0;
        std::int64_t selfs = 0;
        std::uint64_t children_above = 0;
        const std::uint64_t rows = next();
        CHECK(rows == timeline.lane(1).size());
        for (std::uint64_t row = 0; row < rows; ++row) {
            const std::uint64_t size = next();
            CHECK(row == 0 || size == children_above);
            children_above = 0;
            for (std::uint64_t i = 0; i < size; ++i) {
                next();
                CHECK(next() >= static_cast<std::uint64_t>(least));
                selfs += static_cast<std::int64_t>(next());
                CHECK(next() < kLocations);
                children_above += next();
                next();
            }
            zones += size;
        }
        CHECK(at == packed.bytes.size() && zones == packed.kept && zones == expected);
        if (least == 0) CHECK(selfs == analysis::busy_ns(trace.threads[1], trace.info.last_time_ns));
        CHECK(analysis::least_duration(timeline, trace.zone_count()) == 0);
    }
    const std::int64_t least = analysis::least_duration(timeline, 500);
    std::uint64_t kept = 0;
    for (const std::size_t lane : {0, 1}) kept += analysis::packed(timeline.lane(lane), true, least).kept;
    CHECK(kept <= 500 && kept > 100);
}

TEST(damaged_times_are_mended_and_counted) {
    model::Trace trace;
    trace.locations.resize(1);
    trace.info.last_time_ns = 1000;
    trace.threads.emplace_back().zones = {
        {500, 900, 0, 0, 0, 0}, {100, 200, 0, 0, 0, 0}, {950, 920, 0, 0, 0, 0}, {960, model::kOpen, 0, 0, 0, 0}};
    const Timeline timeline(trace);
    CHECK(timeline.mended() == 2);
    std::vector<DrawnBox> boxes;
    analysis::draw(timeline.lane(0)[0], 0, 2000, 0, trace.zone_extras, boxes);
    REQUIRE(boxes.size() == 4);
    CHECK(boxes.back().end_ns == 1000);
}

TEST(frames_and_locks_are_lanes_of_their_own) {
    using Kind = model::LockEvent::Kind;
    model::Trace trace;
    trace.info.last_time_ns = 1000;
    trace.frame_sets[0].frames = {{0, -1}, {5, -1}, {100, -1}, {200, -1}, {350, -1}};
    trace.frame_sets.push_back({model::TextId::None, false, {{10, 20}, {30, -1}}});
    model::Lock& lock = trace.locks.emplace_back();
    lock.threads = {11, 12};
    lock.events = {
        {10, 0, Kind::Wait}, {10, 0, Kind::Obtain}, {20, 1, Kind::Wait}, {90, 0, Kind::Release}, {95, 1, Kind::Obtain}};
    const Timeline timeline(trace);
    REQUIRE(timeline.lanes().size() == 3 + 1);  // no section
    const Row& marks = timeline.lane(0)[0];
    REQUIRE(marks.size() == 2);
    CHECK(marks.at(0).start_ns == 100 && marks.at(0).end_ns == 200 && marks.at(1).end_ns == 350);
    CHECK(timeline.lane(1)[0].size() == 2 && timeline.lane(1)[0].at(1).end_ns == 1000);
    const analysis::Lane& rows = timeline.lane(2);
    REQUIRE(rows.size() == 2 && rows[0].size() == 2 && rows[1].size() == 2);
    CHECK(rows[0].at(1).location == Timeline::kHolds && rows[0].at(1).start_ns == 10 && rows[0].at(1).end_ns == 90);
    CHECK(rows[1].at(0).location == Timeline::kWaits && rows[1].at(0).start_ns == 20 && rows[1].at(0).end_ns == 95);
    CHECK(rows[1].at(1).location == Timeline::kHolds && rows[1].at(1).end_ns == 1000);
}

TEST(gpus_sections_and_samples_are_lanes_of_their_own) {
    model::Trace trace;
    trace.info.last_time_ns = 1000;
    trace.info.sampling_period_ns = 10;
    trace.locations.resize(3);
    trace.threads.resize(2);
    trace.threads[1].samples = {{100, 5}, {104, 6}, {200, 5}};
    model::GpuRow& row = trace.gpu_contexts.emplace_back().rows.emplace_back();
    row.zones = {
        {10, 20, 100, 300, 1, 0}, {11, 12, 120, 130, 2, 1}, {12, 13, 140, 150, 0, 1}, {400, 500, -1, -1, 2, 0}};
    trace.sections = {{0, 500, {}, 0}, {100, 200, {}, 0}, {600, -1, {}, 0}};
    const Timeline timeline(trace);
    const std::size_t gpu = 2 + trace.frame_sets.size();
    REQUIRE(timeline.lanes().size() == gpu + 1 + 1 + 2);
    const analysis::Lane& zones = timeline.lane(gpu);
    REQUIRE(zones.size() == 2 && zones[0].size() == 2 && zones[1].size() == 2);
    CHECK(zones[0].at(0).start_ns == 100 && zones[0].at(0).end_ns == 300 && zones[0].at(0).children == 2);
    CHECK(zones[0].at(1).start_ns == 400 && zones[0].at(1).end_ns == 500);
    CHECK(analysis::look_at(timeline, {static_cast<std::uint32_t>(gpu), 1, 1})->parent ==
          analysis::ZonePlace{static_cast<std::uint32_t>(gpu), 0, 0});
    const analysis::Lane& sections = timeline.lane(gpu + 1);
    REQUIRE(sections.size() == 2 && sections[0].size() == 2 && sections[1].size() == 1);
    CHECK(sections[0].at(1).location == 2 && sections[0].at(1).end_ns == 1000 && sections[1].at(0).location == 1);
    CHECK(timeline.lane(gpu + 2).empty());
    const Row& samples = timeline.lane(gpu + 3)[0];
    CHECK(samples.at(0).end_ns == 104 && samples.at(1).end_ns == 114 && samples.at(1).location == 6);

    analysis::Wanted wanted{{false, false, true}, {}};
    CHECK(analysis::count_others(timeline, wanted, {}) == 2);
    const auto found = analysis::find(timeline, wanted, 200, {0, 0, 0}, true);
    CHECK(found && found->zone.start_ns == 400);
}

TEST(search_meets_zones_by_their_own_names_and_texts) {
    model::Trace trace;
    trace.info.last_time_ns = 1000;
    trace.locations.resize(2);
    const auto text = [&](const char* what) { return trace.strings.intern(what); };
    trace.zone_extras = {{}, {text("Order 7"), {}, 0, 0}, {{}, text("other"), 0, 0}, {text("x"), text("ORDER"), 0, 0}};
    trace.threads.resize(1);
    for (int i = 0; i < 400; ++i) {
        const std::uint32_t extra = i % 100 == 50 ? static_cast<std::uint32_t>(i / 100) : 0;
        trace.threads[0].zones.push_back({2 * i, 2 * i + 1, static_cast<std::uint32_t>(i == 350 ? 1 : 0), extra, 0, 0});
    }
    const Timeline timeline(trace);
    analysis::Wanted wanted{{false, true}, analysis::extras_with(trace, "order")};
    CHECK(wanted.extras == std::vector<bool>{false, true, false, true});
    CHECK(analysis::extras_with(trace, "nothing").empty() && analysis::extras_with(trace, "").empty());
    const std::vector<std::uint32_t> lanes{0};
    CHECK(analysis::count_others(timeline, wanted, lanes) == 1);  // the other one's function matches
    const auto first = analysis::find(timeline, wanted, -1, {0, 0, 0}, true);
    REQUIRE(first.has_value());
    CHECK(first->place.zone == 150);
    const auto second = analysis::find(timeline, wanted, first->zone.start_ns, first->place, true);
    REQUIRE(second.has_value());
    CHECK(second->place.zone == 350);
    const auto back = analysis::find(timeline, wanted, second->zone.start_ns, second->place, false);
    REQUIRE(back.has_value());
    CHECK(back->place.zone == 150);
}

TEST(curve_keeps_its_extremes_at_every_scale) {
    std::mt19937 random(6);
    std::vector<model::PlotPoint> points;
    std::int64_t now = 0;
    for (int i = 0; i < 50'000; ++i) {
        now += 1 + static_cast<std::int64_t>(random() % 20);
        points.push_back({now, static_cast<double>(random() % 1'000'000)});
    }
    const analysis::Curve curve(points);
    for (const std::int64_t pixel : {std::int64_t{1}, std::int64_t{977}, now / 3, now}) {
        double count = 0;
        std::size_t at = 0;
        bool is_right = true;
        for (const analysis::DrawnPoints& drawn : curve.draw(-5, now + 5, pixel)) {
            const auto first = points.begin() + static_cast<std::ptrdiff_t>(at);
            const auto last = first + static_cast<std::ptrdiff_t>(drawn.count);
            const auto [low, high] =
                std::ranges::minmax(std::ranges::subrange(first, last), {}, &model::PlotPoint::value);
            is_right = is_right && drawn.lowest == low.value && drawn.highest == high.value;
            is_right = is_right && drawn.first == first->value && drawn.last == (last - 1)->value;
            at += static_cast<std::size_t>(drawn.count);
            count += drawn.count;
        }
        CHECK(is_right && count == 50'000);
    }
}

}  // namespace
}  // namespace tracypy::native_tests
