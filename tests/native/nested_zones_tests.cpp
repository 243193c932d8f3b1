// What of a thread's zones is exported, and how it nests. What formats make of it is tested from Python.
#include <vector>

#include "check.hpp"
#include "exporting/nested_zones.hpp"

namespace tracypy::native_tests {
namespace {

using exporting::NestedZone;
using exporting::NestedZones;

struct Told {
    std::int64_t start, end;
    std::uint32_t depth, location;
    bool operator==(const Told&) const = default;
};

/// Of zones {start, end, location, extra, children, depth}.
std::vector<Told> nested(model::ZoneTable zones, const std::vector<bool>& is_wanted, std::int64_t last_ns = 1000) {
    model::Trace trace;
    trace.threads.emplace_back().zones = std::move(zones);
    model::TableSupply supply(trace);
    supply.start(0, false);
    NestedZones walk(supply, is_wanted, last_ns);
    std::vector<Told> told;
    while (const NestedZone* zone = walk.next()) {
        told.push_back({zone->start_ns, zone->end_ns, zone->depth, zone->zone->location});
    }
    return told;
}

const model::ZoneTable kTree{
    {0, 100, 0, 0, 2, 0}, {10, 40, 1, 0, 1, 1}, {20, 30, 2, 0, 0, 2}, {50, 60, 2, 0, 0, 1}, {200, -1, 0, 0, 0, 0},
};

TEST(all_zones_have_ends_and_nest) {
    const std::vector<Told> all{{0, 100, 0, 0}, {10, 40, 1, 1}, {20, 30, 2, 2}, {50, 60, 1, 2}, {200, 1000, 0, 0}};
    CHECK(nested(kTree, {true, true, true}) == all);
    CHECK(nested(kTree, {false, false, false}).empty());
    CHECK(nested(kTree, {}).empty());
}

TEST(what_lies_in_a_zone_that_is_left_out_belongs_to_the_one_around) {
    const std::vector<Told> without{{0, 100, 0, 0}, {20, 30, 1, 2}, {50, 60, 1, 2}, {200, 1000, 0, 0}};
    CHECK(nested(kTree, {true, false, true}) == without);
    const std::vector<Told> inner{{20, 30, 0, 2}, {50, 60, 0, 2}};
    CHECK(nested(kTree, {false, false, true}) == inner);
}

TEST(zones_that_overlap_are_shortened) {
    const model::ZoneTable odd{
        {0, 100, 0, 0, 1, 0}, {50, 170, 0, 0, 0, 1}, {90, 80, 0, 0, 0, 0}, {95, 120, 0, 0, 0, 0}};
    const std::vector<Told> told{{0, 100, 0, 0}, {50, 100, 1, 0}, {100, 100, 0, 0}, {100, 120, 0, 0}};
    CHECK(nested(odd, {true}) == told);
}

}  // namespace
}  // namespace tracypy::native_tests
