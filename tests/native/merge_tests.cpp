// Traces that have everything: through a file of any layout, and merged. What happens to have the same number, name or
// address in two programs must stay two things.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "check.hpp"
#include "io/byte_stream.hpp"
#include "model/merger.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using model::TextId;
using model::Trace;

constexpr std::uint64_t kMain = 7, kFiber = model::kFirstFiber, kOther = 900;
constexpr std::uint64_t kCode = 0x5000'0000'1000, kKernel = 0x3FFF'FFFF'8000'0010;
constexpr std::uint64_t kKernelSymbol = 0xFFFF'FFFF'8000'0010;

/// One of each kind, with times from 10 to 100. What names carry `word` differs between programs.
Trace trace_of(const std::string& word) {
    Trace trace;
    const auto text = [&trace](const std::string& value) { return trace.strings.intern(value); };
    trace.info.program.name = word;
    trace.info.program.process_id = 40;
    trace.info.last_time_ns = 100;
    trace.info.clock = {.machine = "here", .start = 1'000, .unix_ns = 5};
    trace.locations = {{.function = text("main"), .file = text("main.c"), .line = 1},
                       {.function = text(word), .file = text("work.c"), .line = 2}};
    trace.callstacks.addresses.resize(3);
    trace.callstacks.addresses[0] = {text("prog"), {{text(word), text("work.c"), 2, kCode}}, kCode + 8};
    trace.callstacks.addresses[1] = {text("<kernel>"), {{text("syscall"), text("k.c"), 3, kKernelSymbol}}, kKernel};
    trace.callstacks.addresses[2] = {text("Python"), {{text("inner"), text("app.py"), 4, 0}}, 0};
    trace.callstacks.stacks.push_back({0, 1});
    trace.callstacks.stacks.push_back({2});
    trace.zone_extras.push_back({text("a text"), text("a name"), 0x102030, 2});
    model::Thread& main = trace.threads.emplace_back();
    main.id = kMain;
    main.name = text("main");
    main.zones = {{10, 50, 0, 0, 1, 0}, {20, 40, 1, 1, 0, 1}, {60, model::kOpen, 1, 0, 0, 0}};
    main.kernel_samples = 1;
    main.samples = {{30, 1}, {35, 2}};
    main.switch_samples = {{35, 2}};
    model::Thread& fiber = trace.threads.emplace_back();
    fiber.id = kFiber;
    fiber.name = text("task");
    fiber.is_fiber = true;
    fiber.zones = {{22, 24, 0, 0, 0, 0}};
    fiber.runs = {{21, 25, kMain}};
    trace.frame_sets[0].frames = {{0, -1}, {5, -1}, {30, -1}, {60, -1}};
    trace.frame_sets.push_back({text("frames"), true, {{31, -1}}});
    trace.frame_images = {{3, 4, 4, true, std::string(8, word[0])}};
    trace.messages = {{.time_ns = 33, .text = text("hello " + word), .thread = 0, .callstack = 1}};
    trace.plots = {{.name = text("load"), .points = {{11, 1.5}, {12, 2}}}};
    model::Lock& lock = trace.locks.emplace_back();
    lock.id = 3;
    lock.location = 1;
    lock.name = text("a lock");
    lock.made_ns = 10;
    lock.ended_ns = 90;
    lock.threads = {kMain};
    lock.events = {{12, 0, model::LockEvent::Kind::Wait, 0}, {13, 0, model::LockEvent::Kind::Obtain}};
    trace.memory_pools = {{TextId::None, {{10, 20, 0x10, 100, 0, 0, 1, 2}}}, {text("pool"), {{12, -1, 0x10, 7, 0, 0}}}};
    model::GpuContext& gpu = trace.gpu_contexts.emplace_back();
    gpu.name = text("queue");
    gpu.is_calibrated = true;
    gpu.period = 2.0f;
    gpu.rows.push_back({0, kMain, {{15, 16, 70, 80, 1, 0, 1, 4}}});
    gpu.note_names = {{1, text("primitives")}};
    gpu.notes = {{4, 1, 2.5}};
    trace.sections = {{10, 90, text("level " + word), 1}};
    trace.section_categories = {{1, text("levels of " + word)}};
    trace.app_info = {text("about " + word)};
    trace.symbols.symbols = {{kCode, text(word), text("work.c"), 2, text("prog"), text("main.c"), 1, false, 64},
                             {kKernelSymbol, text("syscall"), text("k.c"), 3, text("<kernel>"), {}, 0, false, 32}};
    trace.symbols.codes = {{kCode, "\x90" + word}};
    trace.symbols.addresses = {{kCode + 8, kCode}, {kKernelSymbol, kKernelSymbol}};
    trace.source_files = {{word + ".c", "int main;"}};
    trace.switches.threads = {{kMain, {{9, 10, 50, 0, 2, 1, 3, 4}}}};
    trace.switches.processors[2] = {{10, 50, kMain}, {50, 60, kOther}};
    trace.switches.processes = {{kMain, 40}, {kOther, 41}};
    trace.switches.times = {{kMain, 40, 1, 0}};
    trace.switches.foreign_threads = {{kOther, text("other"), text("its thread")}};
    trace.hardware_samples.push_back({.address = kCode + 8, .times_ns = {}});
    trace.hardware_samples.back().times_ns[2] = {14, 15};
    trace.processors = {{0, 1, 0, 2}};
    trace.crash = {kMain, 95, text("signal"), 1};
    return trace;
}

tracefile::ReadResult through_file(const Trace& trace, tracefile::Version at_least = tracefile::kOldestWritten) {
    io::MemorySink sink;
    tracefile::write_trace(sink, trace, {}, at_least);
    io::MemorySource source(sink.bytes());
    return tracefile::read_trace(source);
}

std::string bytes_of(const Trace& trace) {
    io::MemorySink sink;
    tracefile::write_trace(sink, trace, {}, tracefile::kNewestRead);
    return {sink.bytes().begin(), sink.bytes().end()};
}

model::Merged merged() {
    std::vector<model::MergePart> parts;
    parts.push_back({trace_of("one"), "one (40)", "here", 1'000});
    parts.push_back({trace_of("two"), "two (41)", "here", 0});
    return model::merge(std::move(parts));
}

std::string text(const Trace& trace, TextId id) {
    return std::string(trace.strings.at(id));
}

template <typename Entries>
std::vector<std::string> names_of(const Trace& trace, const Entries& entries) {
    std::vector<std::string> names;
    for (const auto& entry : entries) names.push_back(text(trace, entry.name));
    return names;
}

}  // namespace

TEST(everything_goes_through_a_file) {
    const Trace trace = trace_of("one");
    const tracefile::ReadResult once = through_file(trace);
    CHECK(once.version == tracefile::oldest_layout(trace));
    CHECK(std::ranges::all_of(once.skipped, &tracefile::SkippedSection::is_kept));
    CHECK((once.trace.info.clock == trace.info.clock));
    // Reading and writing again changes nothing any more: of what there is, nothing is lost.
    const tracefile::ReadResult twice = through_file(once.trace, tracefile::kNewestRead);
    CHECK(bytes_of(twice.trace) == bytes_of(through_file(twice.trace, tracefile::kNewestRead).trace));
    const Trace& back = twice.trace;
    CHECK(back.threads[0].samples.size() == 2 && back.threads[0].switch_samples[0].callstack == 2);
    CHECK(back.symbols.symbols.size() == 2 && back.symbols.codes[0].code == "\x90one");
    CHECK(back.callstacks.addresses[0].address == kCode + 8 && back.callstacks.addresses[2].address == 0);
    CHECK(back.gpu_contexts[0].notes[0].value == 2.5 && back.gpu_contexts[0].rows[0].zones[0].callstack == 1);
    CHECK(back.locks[0].ended_ns == 90 && text(back, back.locks[0].name) == "a lock");
    CHECK(back.locks[0].events[0].mark != model::LockEvent::kNoMark);
    CHECK(back.switches.processors[2][1].thread == kOther && back.switches.threads[0].switches[0].woken_processor == 1);
    CHECK(text(back, back.switches.foreign_threads[0].program) == "other");
    CHECK(back.hardware_samples[0].times_ns[2] == std::vector<std::int64_t>({14, 15}));
    CHECK(text(back, back.crash.message) == "signal" && back.crash.callstack == 1);
    CHECK(back.processors[0].die == 1 && back.source_files[0].text == "int main;");
}

TEST(a_thread_that_nobody_is_told_to_have_woken_was_woken_by_its_own_processor) {
    Trace trace = trace_of("one");
    model::ContextSwitch& run = trace.switches.threads[0].switches[0];
    run.woken_processor = 0;
    const tracefile::ReadResult read = through_file(trace, {0, 11, 3});
    CHECK(read.trace.switches.threads[0].switches[0].woken_processor == run.processor);
}

TEST(what_a_clock_says_is_no_text_of_the_program) {
    const tracefile::ReadResult file = through_file(through_file(trace_of("one")).trace);
    CHECK(file.trace.info.clock->start == 1'000 && file.trace.info.clock->machine == "here");
    for (std::size_t i = 1; i <= file.trace.strings.size(); ++i) {
        CHECK(file.trace.strings.at(static_cast<TextId>(i)).find("clock") == std::string_view::npos);
    }
}

TEST(merged_rows_are_those_of_both_programs) {
    const model::Merged both = merged();
    const Trace trace = through_file(both.trace).trace;
    CHECK(names_of(trace, trace.threads) ==
          std::vector<std::string>({"one (40): main", "one (40): task", "two (41): main", "two (41): task"}));
    CHECK(trace.threads[0].id == kMain && trace.threads[2].id != kMain && trace.threads[3].id != kFiber);
    CHECK(trace.threads[3].is_fiber && trace.threads[3].runs[0].carrier == trace.threads[2].id);
    CHECK(trace.zone_count() == 8);
    CHECK(trace.threads[0].zones[1].start_ns == 1'020 && trace.threads[2].zones[1].start_ns == 20);
    CHECK(trace.threads[0].zones[2].end_ns == model::kOpen);
    CHECK(text(trace, trace.locations[trace.threads[2].zones[1].location].function) == "two");
    CHECK(trace.threads[0].zones[0].location == trace.threads[2].zones[0].location);
    CHECK(text(trace, trace.zone_extras[trace.threads[2].zones[1].extra].name) == "a name");
    CHECK(trace.info.last_time_ns == 1'100);
    CHECK(trace.threads[2].samples[1].time_ns == 35 && trace.threads[2].kernel_samples == 1);
}

TEST(what_has_the_same_name_in_two_programs_is_kept_apart) {
    const model::Merged both = merged();
    const Trace trace = through_file(both.trace).trace;
    CHECK(names_of(trace, trace.frame_sets) ==
          std::vector<std::string>({"", "one (40): frames", "two (41)", "two (41): frames"}));
    CHECK(trace.frame_sets[0].frames.size() == 4 && trace.frame_sets[0].frames[0].start_ns == 0);
    CHECK(trace.frame_sets[0].frames[2].start_ns == 1'030 && trace.frame_sets[2].frames[0].start_ns == 30);
    CHECK(trace.frame_images.size() == 2 && trace.frame_images[0].data[0] == 'o' && trace.frame_images[1].set == 2);
    CHECK(trace.frame_images[1].frame == 1 && trace.frame_images[1].data[0] == 't');
    CHECK(names_of(trace, trace.plots) == std::vector<std::string>({"one (40): load", "two (41): load"}));
    const std::vector<std::string> pools = names_of(trace, trace.memory_pools);
    CHECK(pools == std::vector<std::string>({"one (40)", "one (40): pool", "two (41)", "two (41): pool"}));
    CHECK(names_of(trace, trace.gpu_contexts) == std::vector<std::string>({"one (40): queue", "two (41): queue"}));
    CHECK(trace.gpu_contexts[1].rows[0].thread == 2 && trace.gpu_contexts[0].rows[0].zones[0].gpu_end_ns == 1'080);
    CHECK(trace.locks.size() == 2 && trace.locks[0].id != trace.locks[1].id);
    CHECK(trace.locks[1].threads[0] == trace.threads[2].id && trace.locks[0].ended_ns == 1'090);
    CHECK(trace.section_categories.size() == 2 && trace.sections.size() == 2);
    CHECK(trace.sections[0].category != trace.sections[1].category);
    CHECK(text(trace, trace.app_info[1]) == "two (41): about two");
    CHECK(text(trace, trace.messages[0].text) == "hello two" && trace.messages[0].thread == 2);
}

TEST(rows_of_one_program_stay_together) {
    std::vector<model::MergePart> parts;
    for (const auto& [word, hint] : {std::pair{"one", 7}, {"two", -3}, {"three", 0}}) {
        parts.push_back({trace_of(word), word, "here", 0});
        parts.back().trace.threads[1].group_hint = hint;
    }
    const model::Merged all = model::merge(std::move(parts));
    std::vector<std::int32_t> hints;
    for (const model::Thread& thread : all.trace.threads) hints.push_back(thread.group_hint);
    CHECK(hints == std::vector<std::int32_t>({0, 1, 3, 2, 4, 4}));
}

TEST(categories_without_a_name_are_not_those_of_another_program) {
    std::vector<model::MergePart> parts;
    parts.push_back({trace_of("one"), "one", "here", 0});
    parts.push_back({trace_of("two"), "two", "here", 0});
    parts[1].trace.section_categories.clear();
    const Trace trace = model::merge(std::move(parts)).trace;
    CHECK(trace.sections[0].category != trace.sections[1].category);
    CHECK(trace.section_categories.size() == 2 && trace.section_categories[1].name == TextId::None);
}

TEST(addresses_of_two_programs_are_two_and_those_of_their_kernel_one) {
    const model::Merged both = merged();
    const Trace trace = through_file(both.trace).trace;
    const auto first_function = [&](const model::Allocation& block) {
        const std::uint32_t address = trace.callstacks.stacks[block.begin_callstack][0];
        return text(trace, trace.callstacks.addresses[address].frames[0].function);
    };
    CHECK(first_function(trace.memory_pools[0].allocations[0]) == "one");
    CHECK(first_function(trace.memory_pools[2].allocations[0]) == "two");
    CHECK(trace.symbols.symbols.size() == 3 && trace.symbols.codes.size() == 2);
    CHECK(trace.hardware_samples.size() == 2 && trace.symbols.addresses.size() == 3);
    const std::uint64_t symbol = trace.symbols.symbols[2].address;
    CHECK(symbol != kCode && trace.symbols.codes[1].address == symbol && trace.symbols.codes[1].code == "\x90two");
    CHECK(trace.source_files.size() == 2 && trace.switches.threads.size() == 2);
    CHECK(trace.switches.foreign_threads.size() == 1 && trace.processors.size() == 1);
}

TEST(a_second_crash_is_a_message_and_that_is_told) {
    const model::Merged both = merged();
    CHECK(both.trace.crash.thread == kMain && both.trace.crash.time_ns == 1'095);
    CHECK(text(both.trace, both.trace.messages[1].text) == "crash: signal" && both.trace.messages[1].thread == 2);
    CHECK(
        std::ranges::any_of(both.notes, [](const std::string& note) { return note.starts_with("the crash of two"); }));
}

TEST(what_both_tell_of_a_processor_is_there_once) {
    std::vector<model::MergePart> parts;
    parts.push_back({trace_of("one"), "one (40)", "here", 0});
    parts.push_back({trace_of("two"), "two (41)", "here", 0});
    parts.push_back({trace_of("three"), "three (1)", "elsewhere", 0});
    const model::Merged all = model::merge(std::move(parts));
    const auto& processors = all.trace.switches.processors;
    CHECK(processors[2].size() == 2 && processors[5].size() == 2);  // of the other machine, behind those of this one
    CHECK(std::ranges::any_of(all.notes, [](const std::string& note) { return note.starts_with("2 runs"); }));
}

TEST(traces_that_lie_days_apart_are_refused) {
    std::vector<model::MergePart> parts;
    parts.push_back({trace_of("one"), "", "here", 0});
    parts.push_back({trace_of("two"), "", "here", std::int64_t{1} << 47});
    bool is_refused = false;
    try {
        model::merge(std::move(parts));
    } catch (const base::ValueError&) {
        is_refused = true;
    }
    CHECK(is_refused);
}

}  // namespace tracypy::native_tests
