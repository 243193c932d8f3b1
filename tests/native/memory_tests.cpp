// Memory: whatever a program says of it, a viewer and a trace get allocations that have one end at most, and ends that
// have a beginning.
#include <algorithm>
#include <random>
#include <unordered_map>
#include <vector>

#include "base/address_map.hpp"
#include "check.hpp"
#include "events/live_blocks.hpp"
#include "model/trace_builder.hpp"
#include "talk.hpp"

namespace tracypy::native_tests {
namespace {

using base::StringId;
using base::ThreadId;
using events::MemoryAction;
using events::MemoryStep;

constexpr ThreadId kThread{7};

MemoryStep allocate(base::Ticks tick, std::uint64_t address, std::uint64_t size, StringId pool = StringId::None) {
    return {tick, kThread, pool, MemoryAction::Allocate, address, size};
}
MemoryStep free(base::Ticks tick, std::uint64_t address, StringId pool = StringId::None) {
    return {tick, kThread, pool, MemoryAction::Free, address, 0};
}

/// An address twice, ends of what is not there, two pools, times before the session and out of order.
std::vector<MemoryStep> strange(StringId arena) {
    return {free(10, 0x10),
            allocate(500, 0x10, 100),
            allocate(2'000, 0x10, 5, arena),
            allocate(3'000, 0x10, 200),
            free(2'500, 0x20),
            free(4'000, 0x10, arena),
            free(4'000, 0x10, arena),
            allocate(5'000, 0, 1),
            allocate(6'000, ~std::uint64_t{0}, (std::uint64_t{1} << 47) - 1),
            {7'000, kThread, StringId::None, MemoryAction::Discard, 0, 0}};
}

}  // namespace

TEST(an_address_map_does_what_a_standard_one_does) {
    std::mt19937_64 random(1);
    base::AddressMap map;
    std::unordered_map<std::uint64_t, std::uint64_t> same;
    for (int i = 0; i < 200'000; ++i) {
        const std::uint64_t address = 16 * (1 + random() % 3'000);
        if (random() % 2 == 0) {
            map.put(address, i);
            same[address] = i;
        } else {
            const auto found = same.find(address);
            const auto taken = map.take(address);
            CHECK(taken.has_value() == (found != same.end()));
            if (found == same.end()) continue;
            CHECK(taken == found->second);
            same.erase(found);
        }
        CHECK(map.size() == same.size());
    }
    std::size_t left = 0;
    map.take_all([&](std::uint64_t address, std::uint64_t value) {
        ++left;
        CHECK(same.at(address) == value);
    });
    CHECK(left == same.size() && map.size() == 0 && !map.take(16).has_value());
}

TEST(memory_goes_over_the_wire_in_a_valid_order) {
    for_each_dialect([](std::uint32_t protocol, protocol::Packing packing) {
        Talk talk(protocol, packing);
        const StringId arena = talk.names.strings.intern("arena");
        talk.session.take(strange(arena));
        const auto pool = static_cast<std::uint64_t>(arena);
        talk.receive(query(protocol::QueryKind::String, pool));
        talk.receive(query(protocol::QueryKind::ThreadString, 7));
        const StreamReader& reader = talk.read();
        const std::vector<StreamReader::MemoryStep> expected{
            {false, 1'000, 0, 0x10, 100}, {false, 2'000, pool, 0x10, 5},
            {true, 3'000, 0, 0x10, 0},    {false, 3'000, 0, 0x10, 200},
            {true, 4'000, pool, 0x10, 0}, {false, 6'000, 0, ~std::uint64_t{0}, (std::uint64_t{1} << 47) - 1},
        };
        REQUIRE(reader.memory.size() == 8);
        CHECK(std::equal(expected.begin(), expected.end(), reader.memory.begin()));
        for (std::size_t i = 6; i < 8; ++i) CHECK(reader.memory[i].is_free && reader.memory[i].tick == 7'000);
        CHECK(talk.session.counters().dropped_memory == 4);
        REQUIRE(reader.answers.size() == 2);
        CHECK(reader.answers[0].text == "arena");
    });
}

TEST(a_trace_has_the_blocks_with_their_ends) {
    base::Names names;
    names.threads.set(kThread, "worker");
    model::TraceBuilder builder(names, 1'000);
    builder.take(strange(names.strings.intern("arena")));
    model::TraceInfo info;
    info.ns_per_tick = 2;
    const model::Trace trace = builder.finish(10'000, info);
    REQUIRE(trace.memory_pools.size() == 2 && trace.threads.size() == 1);
    CHECK(trace.strings.at(trace.threads[0].name) == "worker");
    const model::MemoryPool& pool = trace.memory_pools[0];
    CHECK(pool.name == model::TextId::None);
    REQUIRE(pool.allocations.size() == 3);
    CHECK(pool.allocations[0].begin_ns == 0 && pool.allocations[0].end_ns == 4'000 && pool.allocations[0].size == 100);
    CHECK(pool.allocations[1].begin_ns == 4'000 && pool.allocations[1].end_ns == 12'000);
    const model::MemoryUse use = model::use_of(pool);
    CHECK(use.blocks == 0 && use.in_use == 0 && use.peak == 200 + (std::uint64_t{1} << 47) - 1);
    REQUIRE(trace.memory_pools[1].allocations.size() == 1);
    CHECK(trace.memory_pools[1].allocations[0].end_ns == 6'000);
    CHECK(builder.dropped_events() == 4 && trace.info.last_time_ns == 12'000);
}

TEST(no_more_blocks_are_followed_than_allowed) {
    events::LiveBlocks blocks(2);
    const auto nothing = [](std::uint64_t, std::uint64_t) {};
    const auto value = [] { return std::uint64_t{1}; };
    CHECK(blocks.take(allocate(1, 0x10, 1), value, nothing));
    CHECK(blocks.take(allocate(1, 0x20, 1), value, nothing));
    CHECK(blocks.is_full() && !blocks.take(allocate(1, 0x30, 1), value, nothing));
    CHECK(!blocks.take(free(1, 0x30), value, nothing));
    CHECK(blocks.take(allocate(1, 0x20, 1), value, nothing));  // in place of what is there
    CHECK(blocks.take(free(1, 0x20), value, nothing) && blocks.size() == 1);
    CHECK(blocks.take(allocate(1, 0x30, 1), value, nothing));
}

}  // namespace tracypy::native_tests
