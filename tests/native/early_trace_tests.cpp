// A trace that is made while its journal grows is the one that is made of the whole journal.
#include "journal/early_trace.hpp"

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "compare_traces.hpp"
#include "io/file_stream.hpp"
#include "journal/journal_writer.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::native_tests {
namespace {

namespace fs = std::filesystem;

constexpr double kScale = 0.5;

base::ClockReading at(base::Ticks tick) {
    return {tick, tick / 2};
}

struct Folder {
    Folder() : path(fs::temp_directory_path() / ("tracypy-early-" + std::to_string(std::random_device{}()))) {
        fs::create_directory(path);
    }
    ~Folder() { fs::remove_all(path); }
    fs::path path;
};

/// A journal on the disk, and the trace that is made of it meanwhile.
class Recording final : public events::UniformSink<Recording> {
public:
    Recording(const fs::path& folder, const base::Names& names, double scale = kScale)
        : path_(folder / "journal"),
          sink_(path_, io::FileSink::Existing::Refuse, io::FileSink::Buffering::None),
          writer(sink_, names, {synthetic_info(), {0, 0}, kSceneStart}),
          source_(path_),
          early(source_, folder, scale) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        writer.thread_batch(batch);
        writer.flush(at(kSceneStart + 1));
        // Not each time: it may be behind.
        if (keeps_up && ++batches_ % 3 == 0) early.advance(writer.bytes(), stop_);
    }
    template <typename Event>
    void take_any(std::span<const Event> events) {
        writer.take(events);
    }

    const fs::path& path() const noexcept { return path_; }
    bool keeps_up = true;

private:
    fs::path path_;
    io::FileSink sink_;
    std::atomic<bool> stop_{false};
    int batches_ = 0;

public:
    journal::JournalWriter writer;

private:
    io::FileSource source_;

public:
    journal::EarlyTrace early;
};

model::Trace read(const std::string& bytes) {
    io::MemorySource source(bytes);
    return std::move(tracefile::read_trace(source).trace);
}

/// Ends the recording and checks that both ways give the same trace.
model::Trace same_both_ways(Recording& recording, base::Ticks now) {
    recording.writer.finish(at(now + now % 2));  // both take a tick for half a nanosecond then, exactly
    journal::Progress progress;
    io::MemorySink early_file;
    CHECK(recording.early.read_rest(progress));
    const journal::Made early = recording.early.write(early_file);
    io::FileSource journal(recording.path());
    io::MemorySink file;
    const journal::Made made = journal::make_trace(journal, file, progress);
    CHECK(early.zones == made.zones && early.threads == made.threads && early.messages == made.messages);
    CHECK(early.frames == made.frames && early.span_ns == made.span_ns && early.complete);
    CHECK(early.dropped_events == made.dropped_events && early.zones_elsewhere == made.zones_elsewhere);
    CHECK(early.functions.size() == made.functions.size());
    for (std::size_t i = 0; i < std::min(early.functions.size(), made.functions.size()); ++i) {
        CHECK(early.functions[i].name == made.functions[i].name && early.functions[i].calls == made.functions[i].calls);
        CHECK(early.functions[i].self_ns == made.functions[i].self_ns);
        CHECK(early.functions[i].total_ns == made.functions[i].total_ns);
    }
    model::Trace trace = read(early_file.bytes());
    const model::Trace expected = read(file.bytes());
    CHECK(same_zones(trace, expected) && same_messages(trace, expected) && same_frames(trace, expected));
    CHECK(same_app_info(trace, expected));
    CHECK(early_file.bytes().size() < file.bytes().size() * 21 / 20 + 200);
    return trace;
}

/// Threads with trees of any shape, some of their zones with a text, in batches of any size.
class Forest {
public:
    Forest(base::Names& names, std::uint32_t seed) : random_(seed) {
        for (int i = 0; i < 50; ++i) {
            base::SourceLocation location;
            location.function = names.strings.intern("function " + std::to_string(i));
            locations_.push_back(names.locations.intern(location));
        }
    }

    void grow(events::EventSink& sink, std::uint32_t thread, int events, std::size_t deepest) {
        words_.clear();
        for (int i = 0; i < events; ++i) {
            tick_ += below(40);
            std::size_t& depth = depths_[thread];
            if (depth == 0 || (depth < deepest && below(2) == 0)) {
                words_.begin(tick_, locations_[below(50)]);
                ++depth;
            } else {
                if (below(200) == 0) words_.text("text " + std::to_string(below(100)));
                words_.end(tick_);
                --depth;
            }
            if (below(5'000) == 0) words_.message(tick_, "message", 0);
            if (below(1'000) != 0) continue;
            sink.thread_batch(words_.batch(thread));
            words_.clear();
        }
        sink.thread_batch(words_.batch(thread));
    }
    base::Ticks now() const noexcept { return static_cast<base::Ticks>(tick_); }

private:
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }

    std::mt19937 random_;
    std::vector<base::SourceLocationId> locations_;
    Words words_;
    std::uint64_t tick_ = kSceneStart;
    std::size_t depths_[8] = {};
};

}  // namespace

TEST(early_trace_of_the_scene) {
    const Folder folder;
    base::Names names;
    Recording recording(folder.path, names);
    scene_events(names, recording);
    const model::Trace trace = same_both_ways(recording, kSceneEnd);
    CHECK(trace.zone_count() == 721);
}

TEST(early_trace_of_one_long_thread_is_put_in_place_as_it_is) {
    const Folder folder;
    base::Names names;
    Recording recording(folder.path, names);
    const base::Ticks end = recursion_events(names, recording, 400'000);
    const model::Trace trace = same_both_ways(recording, end);
    CHECK(trace.zone_count() == 400'000);
    // The text that moves the zones to the start of a block is one that nothing refers to.
    CHECK(trace.strings.at(static_cast<model::TextId>(trace.strings.size())).find_first_not_of(' ') ==
          std::string::npos);
}

TEST(early_trace_of_several_threads_with_trees_of_any_shape) {
    for (std::uint32_t seed = 1; seed <= 6; ++seed) {
        const Folder folder;
        base::Names names;
        Recording recording(folder.path, names);
        Forest forest(names, seed);
        for (int round = 0; round < 12; ++round) {
            for (std::uint32_t thread = 1; thread <= seed; ++thread) {
                forest.grow(recording, thread, thread == 2 ? 20'000 : 3'000, thread == 3 ? 60'000 : 4 * seed);
            }
        }
        same_both_ways(recording, forest.now() + 10);  // with zones that are still open
    }
}

TEST(early_trace_of_two_long_threads) {
    const Folder folder;
    base::Names names;
    Recording recording(folder.path, names);
    Forest forest(names, 7);
    for (int round = 0; round < 10; ++round) {
        forest.grow(recording, 1, 50'000, 30);
        forest.grow(recording, 2, 60'000, 30);
    }
    same_both_ways(recording, forest.now());
}

TEST(early_trace_that_is_behind_reads_the_rest_with_more_threads) {
    const Folder folder;
    base::Names names;
    Recording recording(folder.path, names);
    Forest forest(names, 11);
    for (std::uint32_t round = 0; round < 4; ++round) {
        recording.keeps_up = round == 0;
        forest.grow(recording, 1, 250'000, 30);
        forest.grow(recording, 2, 250'000, 300);
    }
    // With several processors, enough for them.
    CHECK(recording.writer.bytes() - recording.early.offset() > 2'000'000);
    same_both_ways(recording, forest.now());
}

TEST(early_trace_knows_when_it_is_of_no_use) {
    const Folder folder;
    base::Names names;
    Recording recording(folder.path, names, kScale * 1.001);
    scene_events(names, recording);
    recording.writer.finish(at(kSceneEnd));
    journal::Progress progress;
    CHECK(!recording.early.read_rest(progress));
}

}  // namespace tracypy::native_tests
