// Zones of GPUs: a viewer and a trace can follow, whatever the program says and whenever.
#include <string>
#include <vector>

#include "check.hpp"
#include "io/byte_stream.hpp"
#include "model/trace_builder.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using events::GpuAction;
using events::GpuStep;

constexpr base::Ticks kStart = 1'000;

GpuStep step(base::Ticks tick, GpuAction action, std::uint16_t query, unsigned thread = 7) {
    GpuStep made{.ticks = tick, .thread = base::ThreadId{thread}, .action = action};
    made.begin_query = query;
    made.end_query = static_cast<std::uint16_t>(query + 1);
    return made;
}
GpuStep times(std::uint16_t query, base::Ticks begin, base::Ticks end) {
    GpuStep made = step(9'000, GpuAction::Times, query);
    made.gpu_begin = static_cast<std::uint64_t>(kStart + begin);
    made.gpu_end = static_cast<std::uint64_t>(kStart + end);
    return made;
}

/// outer(inner, second), after; a zone of another thread that never ends; times of what is unknown.
model::Trace scene() {
    base::Names names;
    names.threads.set(base::ThreadId{7}, "main");
    model::TraceBuilder builder(names, kStart);
    const events::GpuContext contexts[] = {
        {0, names.strings.intern("queue"), events::GpuKind::Vulkan, kStart},
        {1, names.strings.intern("idle"), events::GpuKind::Cuda, kStart},
    };
    builder.take(contexts);
    const GpuStep steps[] = {
        step(1'010, GpuAction::Begin, 0),
        step(1'020, GpuAction::Begin, 2),
        step(1'025, GpuAction::Begin, 20, 8),
        step(1'030, GpuAction::End, 2),
        times(2, 120, 130),
        step(1'040, GpuAction::Begin, 4),
        step(1'050, GpuAction::End, 4),
        step(1'060, GpuAction::End, 0),
        step(1'061, GpuAction::End, 0),
        step(1'070, GpuAction::Begin, 2),
        step(1'080, GpuAction::End, 2),
        times(0, 100, 200),
        times(2, 300, 400),
        times(2, 500, 600),
    };
    builder.take(steps);
    model::TraceInfo info;
    info.ns_per_tick = 1;
    model::Trace trace = builder.finish(2'000, info);
    CHECK(builder.dropped_events() == 2);
    return trace;
}

void check_zone(const model::GpuZone& zone, std::uint32_t depth, std::int64_t begin, std::int64_t end,
                std::int64_t gpu_begin, std::int64_t gpu_end) {
    CHECK(zone.depth == depth && zone.begin_ns == begin && zone.end_ns == end);
    CHECK(zone.gpu_begin_ns == gpu_begin && zone.gpu_end_ns == gpu_end);
}

void check_scene(const model::Trace& trace) {
    REQUIRE(trace.gpu_contexts.size() == 1);
    const model::GpuContext& context = trace.gpu_contexts[0];
    CHECK(trace.strings.at(context.name) == "queue" && context.kind == 2);
    REQUIRE(context.rows.size() == 2);
    const std::vector<model::GpuZone>& zones = context.rows[0].zones;
    REQUIRE(zones.size() == 4);
    check_zone(zones[0], 0, 10, 60, 100, 200);
    check_zone(zones[1], 1, 20, 30, 120, 130);
    check_zone(zones[2], 1, 40, 50, model::kOpen, model::kOpen);
    check_zone(zones[3], 0, 70, 80, 300, 400);
    REQUIRE(context.rows[1].zones.size() == 1);
    check_zone(context.rows[1].zones[0], 0, 25, model::kOpen, model::kOpen, model::kOpen);
}

}  // namespace

TEST(gpu_zones_are_nested_and_have_the_times_that_were_told) {
    const model::Trace trace = scene();
    check_scene(trace);
    CHECK(trace.info.last_time_ns == 1'000 || trace.info.last_time_ns == 400);
}

TEST(gpu_zones_go_through_a_file_of_any_layout) {
    const model::Trace trace = scene();
    for (const tracefile::Version at_least : {tracefile::kOldestWritten, tracefile::kNewestRead}) {
        io::MemorySink sink;
        CHECK(tracefile::write_trace(sink, trace, {}, at_least).layout == at_least);
        io::MemorySource source(sink.bytes());
        const tracefile::ReadResult result = tracefile::read_trace(source);
        CHECK(result.skipped.empty());
        check_scene(result.trace);
        CHECK(result.trace.gpu_contexts[0].rows[0].thread == trace.gpu_contexts[0].rows[0].thread);
    }
}

}  // namespace tracypy::native_tests
