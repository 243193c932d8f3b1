// Call stacks: their table, and their way through a journal into a trace file.
#include <string>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "io/byte_stream.hpp"
#include "journal/journal_writer.hpp"
#include "journal/trace_maker.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"
#include "words.hpp"

namespace tracypy::native_tests {
namespace {

using base::CallstackId;
using base::CallstackTable;
using base::SourceLocationId;
using base::StackFrame;

constexpr StackFrame frame(std::uint32_t location, std::uint32_t line) {
    return {SourceLocationId{location}, line};
}

/// `function file:line` of each call.
std::vector<std::string> lines_of(const model::Trace& trace, std::uint32_t stack) {
    std::vector<std::string> lines;
    for (const std::uint32_t address : trace.callstacks.stacks.at(stack)) {
        for (const model::StackFrame& call : trace.callstacks.addresses.at(address).frames) {
            lines.push_back(std::string(trace.strings.at(call.function)) + " " +
                            std::string(trace.strings.at(call.file)) + ":" + std::to_string(call.line));
        }
    }
    return lines;
}

}  // namespace

TEST(the_same_calls_at_the_same_lines_are_one_call_stack) {
    CallstackTable table;
    const std::vector<StackFrame> frames{frame(1, 10), frame(2, 20)};
    const CallstackId one = table.intern(frames);
    CHECK(one != CallstackId::None && table.intern(frames) == one);
    CHECK(table.intern(std::vector{frame(2, 20), frame(1, 10)}) != one);
    CHECK(table.intern(std::vector{frame(1, 11), frame(2, 20)}) != one);
    CHECK(table.intern({}) == CallstackId::None);
    CHECK(table.find(one).size() == 2 && table.frame(table.find(one)[1]) == frame(2, 20));
    CHECK(table.find(CallstackId::None).empty() && table.find(CallstackId{99}).empty());
    CHECK(!table.frame(base::StackFrameId::None) && !table.frame(base::StackFrameId{99}));
}

TEST(what_has_no_room_has_no_call_stack_and_is_counted) {
    CallstackTable table;
    const std::vector<StackFrame> deep(100, frame(1, 1));
    CHECK(table.find(table.intern(deep)).size() == CallstackTable::kMostFrames);
    std::size_t kept = 1;
    for (std::uint32_t line = 2; line < CallstackTable::kMostStacks + 100; ++line) {
        if (table.intern(std::vector{frame(1, line)}) != CallstackId::None) ++kept;
    }
    CHECK(kept == CallstackTable::kMostStacks);
    CHECK(table.left_out() == 99);
    CHECK(table.intern(deep) != CallstackId::None);  // there already
}

TEST(a_table_of_frames_has_bounds_too) {
    CallstackTable table;
    std::vector<StackFrame> frames(CallstackTable::kMostFrames);
    std::uint32_t line = 0;
    while (table.left_out() == 0 && line < 2 * CallstackTable::kMostDistinctFrames) {
        for (StackFrame& one : frames) one = frame(1, ++line);
        table.intern(frames);
    }
    CHECK(line > CallstackTable::kMostDistinctFrames);
    CHECK(line < CallstackTable::kMostDistinctFrames + 2 * CallstackTable::kMostFrames);
}

TEST(call_stacks_of_zones_and_messages_come_through_a_journal) {
    base::Names names;
    const auto locate = [&](const char* function, std::uint32_t line) {
        return names.locate({.function = function, .file = "calls.py", .line = line});
    };
    const SourceLocationId outer = locate("outer", 1), inner = locate("inner", 5);
    const CallstackId deep = names.callstacks.intern(std::vector<StackFrame>{{inner, 6}, {outer, 2}});
    const CallstackId shallow = names.callstacks.intern(std::vector<StackFrame>{{outer, 3}});

    io::MemorySink bytes;
    journal::JournalWriter writer(bytes, names, {synthetic_info(), {0, 0}, kSceneStart});
    Words words;
    words.begin(kSceneStart + 1, outer);
    words.add(events::ZoneBeginCallstack{kSceneStart + 2, inner, deep});
    words.add(events::ZoneText{"said"});
    words.add(events::Message{.tick = kSceneStart + 3, .text = "hear", .callstack = deep});
    words.end(kSceneStart + 4);
    words.add(events::ZoneBeginCallstack{kSceneStart + 5, inner, shallow});
    words.end(kSceneStart + 6).end(kSceneStart + 7);
    writer.thread_batch(words.batch(7));
    writer.finish({kSceneEnd, kSceneEnd / 2});
    CHECK(writer.zones() == 3 && writer.dropped_events() == 0);

    io::MemorySource source(bytes.bytes());
    io::MemorySink made;
    journal::Progress progress;
    CHECK(journal::make_trace(source, made, progress).zones == 3);
    io::MemorySource file(made.bytes());
    const tracefile::ReadResult read = tracefile::read_trace(file);
    const model::Trace& trace = read.trace;
    CHECK(read.skipped.empty() && trace.callstacks.stacks.size() == 3);
    const std::vector<std::string> deep_lines{"inner calls.py:6", "outer calls.py:2"};
    CHECK(lines_of(trace, trace.messages.at(0).callstack) == deep_lines);
    const model::ZoneTable& zones = trace.threads.at(0).zones;
    const auto extra = [&](std::size_t zone) { return trace.zone_extras.at(zones.at(zone).extra); };
    CHECK(zones.size() == 3 && zones[0].extra == 0);
    CHECK(lines_of(trace, extra(1).callstack) == deep_lines && trace.strings.at(extra(1).text) == "said");
    CHECK(lines_of(trace, extra(2).callstack) == std::vector<std::string>{"outer calls.py:3"});
}

}  // namespace tracypy::native_tests
