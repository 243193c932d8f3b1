// The last moments: what is left of a ring is what has happened since, exactly, with what was open when it began.
#include "journal/ring.hpp"

#include <map>
#include <string>

#include "base/names.hpp"
#include "check.hpp"
#include "io/byte_stream.hpp"
#include "io/joined_source.hpp"
#include "journal/slow_zones.hpp"
#include "journal/trace_maker.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::native_tests {
namespace {

constexpr std::uint32_t kThread = 7;

class MemoryStore final : public journal::SegmentStore {
public:
    io::ByteSink& begin(std::uint64_t number) override { return segments[number]; }
    void forget(std::uint64_t number) noexcept override { first = number + 1; }

    std::map<std::uint64_t, io::MemorySink> segments;  // also those that are forgotten
    std::uint64_t first = 0;                           // that is not
};

/// A ring that keeps but the last segment, and turns whenever it is told to; a tick is half a nanosecond.
struct Roundabout {
    Roundabout() {
        f = location("f");
        outer = location("serve_forever");
    }
    base::SourceLocationId location(std::string_view function) {
        base::SourceLocation place;
        place.function = names.strings.intern(function);
        return names.locations.intern(place);
    }
    void hand_over(const Words& words) {
        ring.writer().thread_batch(words.batch(kThread));
        open.thread_batch(words.batch(kThread), [](auto, auto, auto) {});
    }
    void mark(events::FrameMarkKind kind, std::uint64_t tick) {
        const events::FrameMark mark{static_cast<base::Ticks>(tick), names.strings.intern("request"), kind};
        ring.writer().take({&mark, 1});
        open.frame_marks({&mark, 1}, [](auto, auto, auto) {});
    }
    void section(bool is_end, std::uint64_t tick) {
        const events::SectionEdge edge{.ticks = static_cast<base::Ticks>(tick),
                                       .section = 3,
                                       .text = names.strings.intern("loading"),
                                       .is_end = is_end};
        ring.writer().take({&edge, 1});
        open.section_edges({&edge, 1});
    }
    void define(const events::PlotStyle& style) {
        ring.writer().take({&style, 1});
        definitions.put(style);
    }
    void call_f(std::uint64_t tick, int calls) {
        Words words;
        for (int i = 0; i < calls; ++i) {
            words.begin(++tick, f);
            words.end(++tick);
        }
        hand_over(words);
    }
    base::ClockReading at(std::uint64_t tick) const {
        const auto ticks = static_cast<base::Ticks>(tick);
        return {ticks, ticks / 2};
    }
    std::pair<journal::Made, model::Trace> trace_from(std::uint64_t first) {
        io::JoinedSource source;
        for (auto it = store.segments.find(first); it != store.segments.end(); ++it) {
            source.add(std::make_unique<io::MemorySource>(it->second.bytes()));
        }
        io::MemorySink out;
        journal::Progress progress;
        const journal::Made made = journal::make_trace(source, out, progress);
        io::MemorySource file(out.bytes());
        return {made, std::move(tracefile::read_trace(file).trace)};
    }

    base::Names names;
    base::SourceLocationId f, outer;
    MemoryStore store;
    journal::OpenZones open;
    events::DefinitionTable definitions;
    journal::Ring ring{store, names,       {synthetic_info(), {0, 0}, kSceneStart}, {.bytes = 8},
                       open,  definitions, [] { return synthetic_info(); }};
};

/// Whichever segment is the first that is left: its own and later events, and what was open then.
TEST(what_is_left_of_a_ring_is_what_has_happened_since) {
    constexpr int kRounds = 20;
    Roundabout program;
    Words words;
    words.begin(kSceneStart + 1, program.outer);
    words.text("from long ago");
    program.hand_over(words);
    program.mark(events::FrameMarkKind::Start, kSceneStart + 2);
    program.section(false, kSceneStart + 2);
    std::uint64_t tick = kSceneStart;
    for (int round = 0; round < kRounds; ++round) {
        program.call_f(tick + 100, round);
        tick += 1'000;
        program.ring.turn_if_full(program.at(tick), static_cast<base::Ticks>(tick));
    }
    CHECK(program.store.segments.size() == kRounds + 1 && program.store.first == kRounds);
    CHECK(program.ring.bytes() == program.store.segments.rbegin()->second.bytes().size());
    words.clear();
    words.end(tick + 500);
    program.hand_over(words);
    program.mark(events::FrameMarkKind::End, tick + 500);
    program.section(true, tick + 500);
    program.ring.writer().finish(program.at(tick + 500));

    int calls = 0;
    for (int first = kRounds; first >= 0; --first) {
        if (first < kRounds) calls += first;
        const auto [made, trace] = program.trace_from(static_cast<std::uint64_t>(first));
        CHECK(made.complete && made.bytes_lost == 0 && made.dropped_events == 0);
        CHECK(made.zones == 1u + static_cast<unsigned>(calls));
        const std::int64_t span_ns = (kRounds - first) * 500 + 250;
        CHECK(made.span_ns == span_ns && made.forgotten_ns == first * 500);
        const model::Zone& zone = trace.threads[0].zones[0];
        CHECK(zone.start_ns <= 1 && zone.end_ns == span_ns && zone.children == static_cast<unsigned>(calls));
        CHECK(zone.extra != 0 && trace.strings.at(trace.zone_extras[zone.extra].text) == "from long ago");
        const model::Frame& frame = trace.frame_sets[1].frames.at(0);
        CHECK(frame.start_ns <= 1 && frame.end_ns == span_ns);
        const model::ProgramSection& section = trace.sections.at(0);
        CHECK(section.begin_ns <= 1 && section.end_ns == span_ns && trace.sections.size() == 1);
    }
}

TEST(a_ring_that_ends_anywhere_is_good_up_to_there) {
    Roundabout program;
    std::uint64_t tick = kSceneStart;
    for (int round = 0; round < 3; ++round) {
        program.call_f(tick + 100, 10);
        tick += 1'000;
        program.ring.turn_if_full(program.at(tick), static_cast<base::Ticks>(tick));
    }
    std::string bytes;
    for (const auto& [number, segment] : program.store.segments) bytes += segment.bytes();
    std::uint64_t most = 0;
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
        io::MemorySource source(std::string_view(bytes).substr(0, size));
        io::MemorySink out;
        journal::Progress progress;
        try {
            const std::uint64_t zones = journal::make_trace(source, out, progress).zones;
            CHECK(zones >= most && zones % 10 == 0);
            most = zones;
        } catch (const tracefile::FormatError&) {
            CHECK(most == 0);  // it ends before it begins
        }
    }
    CHECK(most == 30);
}

/// Whatever segment is the first that is left knows what was said long before.
TEST(each_segment_of_a_ring_has_the_definitions) {
    Roundabout program;
    const base::StringId load = program.names.strings.intern("load");
    const base::StringId depth = program.names.strings.intern("depth");
    program.define({load, events::PlotFormat::Percentage, true, false, 0x0000FF});
    std::uint64_t tick = kSceneStart;
    for (int round = 0; round < 4; ++round) {
        if (round == 2) program.define({depth, events::PlotFormat::Memory, false, true, 0});
        program.call_f(tick + 100, 1);
        tick += 1'000;
        program.ring.turn_if_full(program.at(tick), static_cast<base::Ticks>(tick));
    }
    program.ring.writer().finish(program.at(tick));
    for (std::uint64_t first = 0; first <= 4; ++first) {
        const auto [made, trace] = program.trace_from(first);
        REQUIRE(trace.plots.size() == 2);
        CHECK(trace.strings.at(trace.plots[0].name) == "load" && trace.strings.at(trace.plots[1].name) == "depth");
        CHECK(trace.plots[0].format == model::Plot::Format::Percentage && trace.plots[0].color == 0x0000FF);
        CHECK(trace.plots[0].shows_steps && !trace.plots[0].is_filled && trace.plots[1].is_filled);
    }
}

TEST(threads_that_are_gone_are_forgotten) {
    base::Names names;
    journal::OpenZones open;
    Words words;
    for (std::uint32_t thread = 1; thread <= 1'000; ++thread) {
        words.clear();
        words.begin(thread, base::SourceLocationId::Other);
        if (thread % 100 != 0) words.end(thread + 1);
        open.thread_batch(words.batch(thread), [](auto, auto, auto) {});
    }
    const std::vector<events::ThreadBatch> left = open.open_zones();
    CHECK(left.size() == 10);
    for (std::size_t i = 0; i < left.size(); ++i) {
        CHECK(left[i].thread == base::ThreadId{static_cast<std::uint32_t>(100 * (i + 1))} &&
              left[i].words.size() == events::kBeginWords);
    }
}

TEST(slow_zones_are_those_that_are_marked_or_named) {
    base::Names names;
    base::SourceLocation place;
    place.function = names.strings.intern("Shop.sell");
    const auto call = names.locations.intern(place);
    place.line = 2;
    const auto profiled = names.locations.intern(place);
    names.locations.mark(profiled);
    place.name = names.strings.intern("request");
    const auto zone = names.locations.intern(place);

    std::uint64_t count = 0;
    const auto second = static_cast<base::Ticks>(1.5e9 / base::tick_scale().nanoseconds_per_tick());
    journal::SlowZones slow(names, {.seconds = 1.0, .named = {}});
    slow.zone(call, 0, 100 * second);
    slow.zone(zone, 0, second / 3);
    CHECK(!slow.take(count));
    slow.zone(zone, 0, second);
    slow.zone(profiled, 0, 2 * second);
    slow.frame(base::StringId::None, 0, second / 3);
    const auto found = slow.take(count);
    CHECK(found && found->what == "function 'Shop.sell'" && found->duration == 2 * second && count == 2);
    CHECK(!slow.take(count));

    journal::SlowZones named(names, {.seconds = std::nullopt, .named = {{"*.sell", 1.0}}});
    named.zone(zone, 0, 100 * second);
    CHECK(!named.take(count));
    named.zone(call, 0, second);
    CHECK(named.take(count));
}

}  // namespace
}  // namespace tracypy::native_tests
