// Sections: what a trace keeps of begins and ends, in which order they come, and its way through a file.
#include <string>

#include "base/names.hpp"
#include "check.hpp"
#include "io/byte_stream.hpp"
#include "model/trace_builder.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using events::SectionCategory;
using events::SectionEdge;

constexpr base::Ticks kStart = 1'000;

SectionEdge edge(base::Ticks tick, std::uint32_t section, bool is_end, std::uint16_t category = 0,
                 base::StringId text = base::StringId::None) {
    return {tick, section, category, text, is_end};
}

/// Overlapping ones, one that was told before the session, one whose end comes first, one that lasts.
model::Trace scene() {
    base::Names names;
    model::TraceBuilder builder(names, kStart);
    const base::StringId loading = names.strings.intern("loading");
    const base::StringId level = names.strings.intern("level");
    const SectionCategory categories[] = {{2, names.strings.intern("levels")}};
    builder.take(categories);
    const SectionEdge edges[] = {edge(500, 1, false, 0, loading),
                                 edge(1'010, 2, false, 2, level),
                                 edge(1'020, 1, true),
                                 edge(1'030, 3, true),
                                 edge(1'030, 3, true),
                                 edge(1'005, 3, false, 2, level),
                                 edge(1'040, 4, false, 9, loading),
                                 edge(1'041, 4, false, 9, loading)};
    builder.take(edges);
    model::TraceInfo info;
    info.ns_per_tick = 1;
    model::Trace trace = builder.finish(kStart + 100, info);
    CHECK(builder.dropped_events() == 2);
    return trace;
}

void check_scene(const model::Trace& trace) {
    REQUIRE(trace.sections.size() == 4);
    const auto is = [&](std::size_t i, std::int64_t begin, std::int64_t end, std::uint16_t category,
                        std::string_view name) {
        const model::ProgramSection& section = trace.sections[i];
        return section.begin_ns == begin && section.end_ns == end && section.category == category &&
               trace.strings.at(section.name) == name;
    };
    CHECK(is(0, 0, 20, 0, "loading"));
    CHECK(is(1, 5, 30, 2, "level"));
    CHECK(is(2, 10, model::kOpen, 2, "level"));
    CHECK(is(3, 40, model::kOpen, 9, "loading"));
}

}  // namespace

TEST(sections_have_their_ends_whichever_comes_first) {
    const model::Trace trace = scene();
    check_scene(trace);
    REQUIRE(trace.section_categories.size() == 1);
    CHECK(trace.section_categories[0].number == 2);
    CHECK(trace.strings.at(trace.section_categories[0].name) == "levels");
}

TEST(a_file_with_sections_has_the_layout_that_holds_them) {
    const model::Trace trace = scene();
    io::MemorySink sink;
    CHECK((tracefile::write_trace(sink, trace).layout == tracefile::Version{0, 13, 5}));
    io::MemorySource source(sink.bytes());
    const tracefile::ReadResult result = tracefile::read_trace(source);
    check_scene(result.trace);
    CHECK(result.skipped.empty());
    REQUIRE(result.trace.section_categories.size() == 3);  // a viewer looks up each that is used
    CHECK(result.trace.strings.at(result.trace.section_categories[1].name) == "levels");
    CHECK(result.trace.section_categories[2].number == 9);
    CHECK(result.trace.section_categories[2].name == model::TextId::None);
    CHECK((tracefile::oldest_layout(model::Trace{}) == tracefile::kOldestWritten));
}

}  // namespace tracypy::native_tests
