// Events into a journal and out again: what was written is what is read, and the trace made of it is the one that a
// model in memory would have given.
#include "journal/journal_writer.hpp"

#include <cerrno>
#include <filesystem>
#include <random>
#include <string>
#include <utility>

#include "check.hpp"
#include "compare_traces.hpp"
#include "io/file_stream.hpp"
#include "journal/journal_reader.hpp"
#include "journal/trace_maker.hpp"
#include "model/trace_builder.hpp"
#include "spread_times.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using journal::JournalReader;
using journal::JournalWriter;
using journal::Made;
using model::Trace;

constexpr base::SourceLocationId kOther = base::SourceLocationId::Other;

/// The clock of the synthetic recordings: half a nanosecond for each tick.
base::ClockReading at(base::Ticks tick) {
    return {tick, tick / 2};
}

journal::JournalInfo recording() {
    return {synthetic_info(), {0, 0}, kSceneStart, at(kSceneStart)};
}

/// In ticks, one more than would do: how long a tick is, is not exactly known when the journal begins.
constexpr base::Ticks kShortestZone = 3;

struct MadeTrace {
    Made made;
    std::string bytes;
    Trace trace;
};

MadeTrace make(const std::string& journal) {
    io::MemorySource source(journal);
    io::MemorySink sink;
    journal::Progress progress;
    MadeTrace result;
    result.made = journal::make_trace(source, sink, progress);
    CHECK(progress.done == progress.total && progress.total == 2 * journal.size());
    result.bytes = sink.bytes();
    io::MemorySource file(result.bytes);
    result.trace = std::move(tracefile::read_trace(file).trace);
    return result;
}

/// Hands the same events to a builder, with times as they are to be, and to a journal that is flushed after every call.
class Both final : public events::UniformSink<Both> {
public:
    explicit Both(base::Names& names) : builder(names, kSceneStart), writer(journal, names, recording()) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        spread_.thread_batch(batch);
        writer.thread_batch(batch);
        if (++calls_ % 3 == 0) writer.flush(at(kSceneStart + 1));
    }
    template <typename Event>
    void take_any(std::span<const Event> events) {
        builder.take(events);
        writer.take(events);
    }
    std::pair<Trace, MadeTrace> finish(base::Ticks now) {
        writer.finish(at(now));
        return {builder.finish(now, synthetic_info()), make(journal.bytes())};
    }

    io::MemorySink journal;
    model::TraceBuilder builder;
    JournalWriter writer;

private:
    SpreadTimes spread_{builder, kSceneStart, kShortestZone};
    int calls_ = 0;
};

std::string file_of(const Trace& trace) {
    io::MemorySink sink;
    tracefile::write_trace(sink, trace);
    return sink.bytes();
}

/// Refuses whatever would go beyond `room`, as a full disk does: a part of it still arrives.
class FullDisk final : public io::ByteSink {
public:
    explicit FullDisk(std::size_t room) : room_(room) {}

    void write(std::string_view bytes) override {
        bytes_ += bytes.substr(0, room_ - bytes_.size());
        if (bytes_.size() == room_) throw base::SystemError(ENOSPC, base::problem<base::ErrorCode::NoRoom>("here"));
    }
    const std::string& bytes() const noexcept { return bytes_; }

private:
    std::size_t room_;
    std::string bytes_;
};

}  // namespace

TEST(journal_of_the_scene_becomes_the_same_file) {
    base::Names names;
    Both both(names);
    scene_events(names, both);
    const auto [expected, result] = both.finish(kSceneEnd);
    CHECK(result.bytes == file_of(expected));
    CHECK(result.made.complete && result.made.bytes_lost == 0);
    CHECK(result.made.zones == 721 && result.made.threads == 3 && result.made.messages == 30);
    CHECK(result.made.frames == 20);
    CHECK(result.made.span_ns == expected.info.last_time_ns);
    CHECK(result.trace.info.program.name == "synthetic" && result.trace.info.program.process_id == 4711);
    CHECK(result.trace.info.ns_per_tick == 0.5);
}

TEST(a_trace_has_all_that_the_journal_knew_of_the_program) {
    base::Names names;
    Both both(names);
    scene_events(names, both);
    const auto [expected, result] = both.finish(kSceneEnd);
    const model::TraceInfo wanted = synthetic_info();
    CHECK(result.trace.info.program == wanted.program && expected.info.program == wanted.program);
    CHECK(result.trace.info.capture_name == wanted.capture_name);
    CHECK(result.trace.info.capture_time_s == wanted.capture_time_s);
    CHECK(result.trace.info.resolution_ns == wanted.resolution_ns);
}

TEST(a_program_that_says_its_name_while_it_is_recorded_has_the_last_one) {
    base::Names names;
    Both both(names);
    for (const char* name : {"early", "shop"}) {
        const events::ProgramText text{events::ProgramTextKind::Name, names.strings.intern(name)};
        both.take(std::span(&text, 1));
    }
    scene_events(names, both);
    const auto [expected, result] = both.finish(kSceneEnd);
    CHECK(result.bytes == file_of(expected));
    CHECK(result.trace.info.program.name == "shop" && result.trace.info.capture_name == "shop @ test");
}

TEST(journal_of_a_recursion_becomes_the_same_file) {
    base::Names names;
    Both both(names);
    const base::Ticks end = recursion_events(names, both, 300'000);
    const auto [expected, result] = both.finish(end + end % 2);
    CHECK(result.bytes == file_of(expected));
    CHECK(both.writer.zones() == 300'000);
    CHECK(both.writer.bytes() == both.journal.bytes().size());
    CHECK(both.writer.bytes() < 4 * 300'000);
}

TEST(journal_keeps_threads_apart_that_come_in_turn) {
    base::Names names;
    Both both(names);
    Words words;
    for (std::uint64_t round = 0; round < 200; ++round) {
        for (std::uint32_t thread = 1; thread <= 40; ++thread) {
            words.clear();
            const std::uint64_t tick = static_cast<std::uint64_t>(kSceneStart) + round * 1'000 + thread;
            if (round % 5 == thread % 5) {
                words.end(tick);  // of nothing, at first
            } else {
                words.begin(tick, kOther);
                words.text("thread " + std::to_string(thread) + ", round " + std::to_string(round));
                words.name("zone");
            }
            if (round == thread) words.message(tick + 2, "here", 0x123456);
            both.thread_batch(words.batch(thread));
        }
    }
    const auto [expected, result] = both.finish(kSceneStart + 1'000'000);
    CHECK(expected.zone_count() == 6'400 && result.made.zones == 6'400);
    CHECK(same_zones(expected, result.trace));
    CHECK(same_messages(expected, result.trace));
    CHECK(result.made.dropped_events == both.builder.dropped_events());
    CHECK(result.made.dropped_events == 8);
}

TEST(journal_keeps_ticks_of_every_size) {
    base::Names names;
    Both both(names);
    Words words;
    std::uint64_t tick = static_cast<std::uint64_t>(kSceneStart);
    for (const std::uint64_t step :
         {std::uint64_t{0}, std::uint64_t{0xFFFD}, std::uint64_t{0xFFFE}, std::uint64_t{0xFFFF}, std::uint64_t{0x10000},
          std::uint64_t{0xFFFF'FFFF}, std::uint64_t{0x1'0000'0000}, std::uint64_t{1} << 45}) {
        words.begin(tick += step, kOther);
        words.end(tick += step);
        words.begin(tick - 5, kOther);  // too early: moved to the tick before
        words.end(tick);
    }
    words.message(tick + 1, "after " + std::to_string(tick), 0);
    both.thread_batch(words.batch(1));
    const auto now = static_cast<base::Ticks>(tick + tick % 2 + 2);
    const auto [expected, result] = both.finish(now);
    CHECK(result.bytes == file_of(expected));
    CHECK(result.trace.threads[0].zones.size() == 16);
}

TEST(journal_keeps_the_longest_texts) {
    base::Names names;
    Both both(names);
    const std::string longest(base::StringTable::kMaxStringBytes, 'x');
    Words words;
    words.begin(static_cast<std::uint64_t>(kSceneStart), kOther);
    for (int i = 0; i < 20; ++i) words.name(longest + std::to_string(i));
    words.text("");
    words.message(static_cast<std::uint64_t>(kSceneStart) + 1, longest, 0);
    words.message(static_cast<std::uint64_t>(kSceneStart) + 1, "", 0);
    both.thread_batch(words.batch(1));
    const auto [expected, result] = both.finish(kSceneEnd);
    const Trace& trace = result.trace;
    CHECK(trace.strings.at(trace.zone_extras[1].name) == longest);  // cut to what the wire and the recorder allow
    CHECK(same_messages(expected, trace));
}

TEST(journal_holds_more_locations_than_a_byte_or_two) {
    base::Names names;
    Both both(names);
    Words words;
    std::uint64_t tick = static_cast<std::uint64_t>(kSceneStart);
    for (std::uint32_t line = 1; line <= 20'000; ++line) {
        base::SourceLocation location;
        location.function = names.strings.intern("f" + std::to_string(line));
        location.file = names.strings.intern("many.py");
        location.line = line;
        words.begin(++tick, names.locations.intern(location));
        words.end(++tick);
    }
    words.begin(++tick, static_cast<base::SourceLocationId>(999'999));  // unknown: "other functions"
    both.thread_batch(words.batch(1));
    const auto [expected, result] = both.finish(kSceneEnd);
    CHECK(result.bytes == file_of(expected));
    CHECK(result.made.functions.size() == 20'001);
}

TEST(every_zone_of_a_journal_lasts) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        base::Names names;
        Both both(names);
        std::mt19937 random(seed);
        std::uint64_t tick = static_cast<std::uint64_t>(kSceneStart);
        Words words;
        std::uint64_t zones = 0;
        for (int batch = 0, depth = 0; batch < 50; ++batch) {
            words.clear();
            for (int i = 0; i < 100; ++i) {
                if (random() % 8 == 0) tick += random() % 30;
                if (depth != 0 && random() % 2 == 0) {
                    words.end(tick - (random() % 16 == 0 ? 1 : 0));
                    --depth;
                } else {
                    words.begin(tick, kOther);
                    ++depth;
                    ++zones;
                    if (random() % 16 == 0) words.text("text");
                }
                if (random() % 32 == 0) words.message(tick, "message", 0);
            }
            both.thread_batch(words.batch(1));
        }
        const auto [expected, result] = both.finish(static_cast<base::Ticks>(tick + tick % 2 + 20'000));
        CHECK(result.bytes == file_of(expected));
        CHECK(result.made.zones == zones && result.trace.zone_count() == zones);
        CHECK(result.made.span_ns == result.trace.info.last_time_ns);
        for (const model::Zone& zone : result.trace.threads[0].zones) {
            CHECK(zone.end_ns > zone.start_ns && zone.end_ns <= result.trace.info.last_time_ns);
        }
    }
}

TEST(a_journal_that_does_not_know_its_clock_at_first_keeps_every_zone) {
    base::Names names;
    io::MemorySink sink;
    journal::JournalInfo info = recording();
    info.second_reading.reset();
    JournalWriter writer(sink, names, info);
    Words words;
    for (int i = 0; i < 1'000; ++i) {
        words.begin(static_cast<std::uint64_t>(kSceneStart) + 1, kOther);
        words.end(static_cast<std::uint64_t>(kSceneStart) + 1);
    }
    writer.thread_batch(words.batch(1));
    for (const bool is_finished : {false, true}) {
        is_finished ? writer.finish(at(kSceneEnd)) : writer.flush({kSceneStart + 40'000, 505'000});
        const MadeTrace result = make(sink.bytes());
        CHECK(result.made.zones == 1'000);
        for (const model::Zone& zone : result.trace.threads[0].zones) CHECK(zone.end_ns > zone.start_ns);
    }
}

TEST(journal_knows_the_last_name_of_a_thread) {
    base::Names names;
    io::MemorySink sink;
    JournalWriter writer(sink, names, recording());
    Words words;
    words.message(static_cast<std::uint64_t>(kSceneStart), "hello", 0);
    writer.thread_batch(words.batch(7));
    writer.thread_batch(words.batch(8));
    writer.flush(at(kSceneStart));
    names.threads.set(base::ThreadId{7}, "first");
    writer.flush(at(kSceneStart));
    names.threads.set(base::ThreadId{7}, "second");
    writer.flush(at(kSceneStart));
    const MadeTrace result = make(sink.bytes());
    CHECK(result.trace.strings.at(result.trace.threads[0].name) == "second");
    CHECK(result.trace.strings.at(result.trace.threads[1].name) == "thread 8");
    CHECK(!result.made.complete);
}

TEST(open_zones_end_when_the_journal_does) {
    base::Names names;
    io::MemorySink sink;
    JournalWriter writer(sink, names, recording());
    Words words;
    words.begin(static_cast<std::uint64_t>(kSceneStart) + 10, kOther);
    writer.thread_batch(words.batch(1));
    words.clear();
    words.begin(static_cast<std::uint64_t>(kSceneStart) + 20, kOther);
    words.end(static_cast<std::uint64_t>(kSceneStart) + 4'000);
    writer.thread_batch(words.batch(2));
    writer.flush(at(kSceneStart));
    const auto end_of_first = [&] { return make(sink.bytes()).trace.threads[0].zones[0].end_ns; };
    CHECK(end_of_first() == 2'000);  // the last event of any thread
    writer.flush({kSceneStart + 200'000'000, 100'500'000});
    CHECK(end_of_first() == 100'000'000);  // the last reading of the clock
    writer.finish({kSceneStart + 300'000'000, 150'500'000});
    CHECK(end_of_first() == 150'000'000);
    CHECK(make(sink.bytes()).made.complete);
}

TEST(nothing_follows_the_end_of_a_journal) {
    base::Names names;
    io::MemorySink sink;
    JournalWriter writer(sink, names, recording());
    writer.finish(at(kSceneEnd));
    const std::string journal = sink.bytes();
    scene_events(names, writer);
    writer.flush(at(kSceneEnd));
    writer.finish(at(kSceneEnd));
    CHECK(sink.bytes() == journal);
    const MadeTrace result = make(journal);
    CHECK(result.made.complete && result.made.zones == 0 && result.made.functions.empty());
    CHECK(make(journal + "garbage").made.bytes_lost == 7);
}

TEST(functions_have_their_times) {
    base::Names names;
    io::MemorySink sink;
    JournalWriter writer(sink, names, recording());
    const auto location = [&](const char* name) {
        base::SourceLocation of;
        of.function = names.strings.intern(name);
        of.file = names.strings.intern("times.py");
        of.line = 3;
        return names.locations.intern(of);
    };
    const base::SourceLocationId walk = location("walk"), leaf = location("leaf");
    Words words;
    const auto tick = [](std::uint64_t ns) { return static_cast<std::uint64_t>(kSceneStart) + 2 * ns; };
    words.begin(tick(0), walk);  // walk 0-100 > walk 10-60 > leaf 20-30; leaf 70-80; then walk 200-201
    words.begin(tick(10), walk);
    words.begin(tick(20), leaf);
    words.end(tick(30));
    words.end(tick(60));
    words.begin(tick(70), leaf);
    words.end(tick(80));
    words.end(tick(100));
    words.begin(tick(200), walk);
    words.end(tick(201));
    writer.thread_batch(words.batch(1));
    writer.thread_batch(words.batch(2));
    writer.finish(at(kSceneEnd));
    const Made made = make(sink.bytes()).made;
    REQUIRE(made.functions.size() == 2);
    const journal::FunctionTotals& outer = made.functions[0];
    CHECK(outer.name == "walk" && outer.file == "times.py" && outer.line == 3);
    CHECK(outer.calls == 6 && outer.total_ns == 202 && outer.self_ns == 2 * (50 - 10 + 50 - 10 + 1));
    const journal::FunctionTotals& inner = made.functions[1];
    CHECK(inner.name == "leaf" && inner.calls == 4 && inner.total_ns == 40 && inner.self_ns == 40);
}

TEST(a_full_disk_leaves_a_valid_journal) {
    base::Names names;
    io::MemorySink whole;
    {
        JournalWriter writer(whole, names, recording());
        recursion_events(names, writer, 50'000);
        writer.finish(at(kSceneEnd));
    }
    for (std::size_t room = 1; room < whole.bytes().size(); room += 7'919) {
        FullDisk disk(room);
        int code = 0;
        try {
            JournalWriter writer(disk, names, recording());
            recursion_events(names, writer, 50'000);
            try {
                writer.finish(at(kSceneEnd));
            } catch (const base::SystemError&) {
                writer.flush(at(kSceneEnd));  // ignored
                CHECK(writer.bytes() >= disk.bytes().size());
                throw;
            }
        } catch (const base::SystemError& error) {
            code = error.code();
        }
        CHECK(code == ENOSPC);
        CHECK(disk.bytes() == whole.bytes().substr(0, room));
    }
}

TEST(making_can_be_cancelled) {
    base::Names names;
    io::MemorySink sink;
    JournalWriter writer(sink, names, recording());
    scene_events(names, writer);
    writer.finish(at(kSceneEnd));
    io::MemorySource source(sink.bytes());
    io::MemorySink out;
    journal::Progress progress;
    progress.cancel = true;
    bool cancelled = false;
    try {
        (void)journal::make_trace(source, out, progress);
    } catch (const journal::Cancelled&) {
        cancelled = true;
    }
    CHECK(cancelled);
}

TEST(a_journal_on_disk_is_there_at_once) {
    const auto folder = std::filesystem::temp_directory_path();
    const auto path = folder / "tracypy_journal_test.journal";
    base::Names names;
    {
        io::FileSink sink(path, io::FileSink::Existing::Replace, io::FileSink::Buffering::None);
        JournalWriter writer(sink, names, recording());
        scene_events(names, writer);
        writer.flush(at(kSceneEnd));
        io::FileSource source(path);  // while it is still open for writing
        io::MemorySink out;
        journal::Progress progress;
        CHECK(journal::make_trace(source, out, progress).zones == 721);
        CHECK(std::filesystem::file_size(path) == writer.bytes());
    }
    std::filesystem::remove(path);
}

TEST(reserved_room_is_given_back) {
    const auto path = std::filesystem::temp_directory_path() / "tracypy_reserve_test";
    io::FileSink sink(path, io::FileSink::Existing::Replace);
    sink.reserve(1'000'000);  // not every file system can
    CHECK(std::filesystem::file_size(path) == 0);
    sink.write("hello");
    sink.close();
    CHECK(std::filesystem::file_size(path) == 5);
    std::filesystem::remove(path);
}

}  // namespace tracypy::native_tests
