// Models out and in again: what was written is what is read.
#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string>
#include <utility>

#include "check.hpp"
#include "compare_traces.hpp"
#include "io/file_stream.hpp"
#include "model/trace_builder.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using model::Trace;
using tracefile::Codec;
using tracefile::Compression;
using tracefile::Version;

std::string written(const Trace& trace, const Compression& compression = {}, Version at_least = {}) {
    io::MemorySink sink;
    const tracefile::Written result = tracefile::write_trace(sink, trace, compression, at_least);
    CHECK(result.layout == std::max(at_least, tracefile::oldest_layout(trace)));
    return sink.bytes();
}

tracefile::ReadResult read_file(const std::string& bytes) {
    io::MemorySource source(bytes);
    return tracefile::read_trace(source);
}

Trace read(const std::string& bytes) {
    return std::move(read_file(bytes).trace);
}

bool same_severities(const Trace& left, const Trace& right) {
    return std::ranges::equal(left.messages, right.messages, [](const model::Message& a, const model::Message& b) {
        return a.severity == b.severity && a.source == b.source;
    });
}

bool same_group_hints(const Trace& left, const Trace& right) {
    return std::ranges::equal(left.threads, right.threads, {}, &model::Thread::group_hint, &model::Thread::group_hint);
}

}  // namespace

TEST(builder_makes_the_scene) {
    base::Names names;
    const Trace trace = scene_trace(names);
    REQUIRE(trace.threads.size() == 3);
    CHECK(trace.threads[0].zones.size() == 160);
    CHECK(trace.threads[1].zones.size() == 60);
    CHECK(trace.threads[2].zones.size() == 501);
    CHECK(trace.threads[2].zones.back().start_ns == 30'000);
    CHECK(trace.threads[2].zones.back().end_ns == 35'000);
    CHECK(trace.threads[0].zones[0].children == 3);
    CHECK(trace.threads[0].zones[1].depth == 1);
    CHECK(trace.messages.size() == 30);
    REQUIRE(trace.frame_sets.size() == 3);
    CHECK(trace.frame_sets[0].frames.size() == 20 + model::kStartFrames);
    CHECK(trace.frame_sets[2].frames[0].end_ns - trace.frame_sets[2].frames[0].start_ns == 400);
    const model::ZoneExtra& extra = trace.zone_extras[trace.threads[1].zones[12].extra];
    CHECK(trace.strings.at(extra.text) == "item 12\n12000 [0x2ee0]");
    CHECK(trace.strings.at(extra.name) == "renamed 5");
    CHECK(extra.color == 0xAABB0C);
}

TEST(builder_counts_what_has_no_zone) {
    base::Names names;
    model::TraceBuilder builder(names, 0);
    Words words;
    words.end(5);
    words.text("nowhere");
    builder.thread_batch(words.batch(1));
    CHECK(builder.dropped_events() == 2);
    CHECK(builder.finish(9, {}).zone_count() == 0);
}

TEST(written_scene_reads_back_in_every_container) {
    base::Names names;
    const Trace trace = scene_trace(names);
    for (const Codec codec : {Codec::Lz4, Codec::Zstd}) {
        for (const std::uint8_t streams : {std::uint8_t{1}, std::uint8_t{4}, std::uint8_t{255}}) {
            const Trace back = read(written(trace, {codec, 3, streams}));
            CHECK(same_zones(trace, back));
            CHECK(same_messages(trace, back));
            CHECK(same_frames(trace, back));
            CHECK(same_app_info(trace, back) && back.app_info.size() == 2);
            REQUIRE(back.plots.size() == 1);
            CHECK(back.plots[0].points.size() == 25 && back.plots[0].color == 0x20A0FF);
            CHECK(back.plots[0].points[24].time_ns == 24'000 && back.plots[0].points[24].value == 26);
            CHECK(back.info.program.name == "synthetic" && back.info.program.process_id == 4711);
        }
    }
}

TEST(files_are_not_overwritten_unasked) {
    using io::FileSink;
    const std::filesystem::path path = std::filesystem::temp_directory_path() / "tracypy_tracefile_test.tracy";
    std::filesystem::remove(path);
    base::Names names;
    const Trace trace = scene_trace(names);
    FileSink sink(path, FileSink::Existing::Refuse);
    tracefile::write_trace(sink, trace);
    sink.close();
    int code = 0;
    try {
        FileSink second(path, FileSink::Existing::Refuse);
    } catch (const base::SystemError& error) {
        code = error.code();
    }
    CHECK(code == EEXIST);
    {
        io::FileSource source(path);
        CHECK(same_zones(trace, tracefile::read_trace(source).trace));
    }
    std::filesystem::remove(path);
}

TEST(many_blocks_read_back) {
    base::Names names;
    const Trace trace = recursion_trace(names, 100'000);
    CHECK(trace.zone_count() == 100'000);
    for (const Codec codec : {Codec::Lz4, Codec::Zstd}) {
        CHECK(same_zones(trace, read(written(trace, {codec, 3, 4}))));
    }
}

TEST(texts_longer_than_a_block_read_back) {
    base::Names names;
    Trace trace = scene_trace(names);
    std::string text;
    while (text.size() < 200'000) text += std::to_string(text.size());
    trace.messages[3].text = trace.strings.intern(text);
    const Trace back = read(written(trace));
    CHECK(back.strings.at(back.messages[3].text) == text);
}

TEST(content_decides_on_the_layout) {
    base::Names names;
    Trace trace = scene_trace(names);
    CHECK(read_file(written(trace)).version == Version(0, 11, 0));
    trace.threads[1].group_hint = -7;
    CHECK(read_file(written(trace)).version == Version(0, 11, 1));
    CHECK(same_group_hints(trace, read(written(trace))));
    trace.messages[3].severity = 4;
    CHECK(read_file(written(trace)).version == Version(0, 13, 2));
    trace.messages[3].severity = 2;
    trace.messages[5].source = 1;
    const tracefile::ReadResult back = read_file(written(trace));
    CHECK(back.version == Version(0, 13, 2));
    CHECK(same_severities(trace, back.trace) && same_group_hints(trace, back.trace));
    CHECK(same_zones(trace, back.trace) && same_messages(trace, back.trace) && same_frames(trace, back.trace));
}

// Each release that changed a section, with what the section before it and the one behind it make of that.
TEST(every_layout_reads_back) {
    base::Names names;
    Trace trace = scene_trace(names);
    for (const Version version : {Version{0, 11, 0}, Version{0, 11, 1}, Version{0, 11, 2}, Version{0, 11, 3},
                                  Version{0, 12, 3}, Version{0, 12, 4}, Version{0, 13, 2}, Version{0, 13, 3},
                                  Version{0, 13, 4}, Version{0, 13, 5}, Version{0, 13, 6}, Version{0, 14, 0}}) {
        if (version >= Version{0, 11, 1}) trace.threads[1].group_hint = 7;
        if (version >= Version{0, 13, 2}) trace.messages[3].severity = 5;
        const tracefile::ReadResult back = read_file(written(trace, {}, version));
        CHECK(back.version == version && back.skipped.empty());
        CHECK(same_zones(trace, back.trace) && same_messages(trace, back.trace) && same_frames(trace, back.trace));
        CHECK(same_severities(trace, back.trace) && same_group_hints(trace, back.trace));
        CHECK(back.trace.plots.size() == 1 && back.trace.plots[0].points.size() == 25);
        CHECK(back.trace.info.program.host == trace.info.program.host && back.trace.info.program.process_id == 4711);
    }
}

TEST(points_of_old_files_come_in_the_order_of_time) {
    base::Names names;
    Trace trace = scene_trace(names);
    std::vector<model::PlotPoint>& points = trace.plots[0].points;
    points = {{30, 3}, {10, 1}, {30, 4}, {20, 2}};
    const std::vector<model::PlotPoint> back = read(written(trace)).plots[0].points;
    REQUIRE(back.size() == 4);
    for (std::size_t i = 0; i < back.size(); ++i) CHECK(back[i].value == static_cast<double>(i + 1));
}

TEST(more_locations_than_a_file_holds_share_the_first) {
    base::Names names;
    Trace trace = scene_trace(names);
    model::ZoneTable& zones = trace.threads[0].zones;
    zones.clear();
    const std::size_t numbered = tracefile::kMaxLocations;
    const auto first = static_cast<std::uint32_t>(trace.locations.size());
    for (std::uint32_t i = 0; i < 70'000; ++i) {
        trace.locations.push_back({.function = trace.strings.intern("f" + std::to_string(i)), .line = i});
        zones.push_back({i * 10, i * 10 + 5, first + i, 0, 0, 0});
    }
    io::MemorySink sink;
    const tracefile::Written result = tracefile::write_trace(sink, trace);
    CHECK(result.zones_elsewhere == first + 70'000 - numbered);
    const Trace back = read(sink.bytes());
    const auto function = [&](std::size_t zone) {
        return back.strings.at(back.locations[back.threads[0].zones[zone].location].function);
    };
    CHECK(function(0) == "f0");
    CHECK(function(40'000) == "f40000");
    CHECK(function(69'999) == trace.strings.at(trace.locations[0].function));
}

}  // namespace tracypy::native_tests
