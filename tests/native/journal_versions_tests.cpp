// What journals promise each other over the releases: old ones stay readable, and what only a later release knows is
// skipped and told. The files in data/ were written by the releases that had those versions.
#include <fstream>
#include <iterator>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "compare_traces.hpp"
#include "events/thread_walk.hpp"
#include "io/byte_stream.hpp"
#include "journal/bytes.hpp"
#include "journal/journal_writer.hpp"
#include "journal/packet_reader.hpp"
#include "journal/packet_writer.hpp"
#include "journal/trace_maker.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::native_tests {
namespace {

using journal::JournalReader;
using journal::JournalWriter;

struct MadeTrace {
    journal::Made made;
    model::Trace trace;
};

MadeTrace make(const std::string& bytes) {
    io::MemorySource source(bytes);
    io::MemorySink sink;
    journal::Progress progress;
    MadeTrace result{journal::make_trace(source, sink, progress), {}};
    io::MemorySource file(sink.bytes());
    result.trace = std::move(tracefile::read_trace(file).trace);
    return result;
}

std::string stored(const char* name) {
    std::ifstream file(std::string(TRACYPY_TEST_DATA) + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The scene, as a journal of today.
std::string scene_journal() {
    base::Names names;
    io::MemorySink sink;
    JournalWriter writer(sink, names, {synthetic_info(), {0, 0}, kSceneStart});
    scene_events(names, writer);
    writer.finish({kSceneEnd, kSceneEnd / 2});
    return sink.bytes();
}

std::vector<std::string> packets_of(const std::string& bytes) {
    io::MemorySource source(bytes);
    journal::PacketReader reader(source, journal::kHeadBytes);
    std::vector<std::string> packets;
    while (const auto packet = reader.next()) packets.emplace_back(packet->content);
    return packets;
}

std::string assembled(const std::vector<std::string>& packets, std::uint32_t version = journal::kVersion) {
    std::string bytes;
    journal::append_head(bytes, version);
    journal::PacketWriter writer;
    for (const std::string& content : packets) writer.append(content, bytes);
    return bytes;
}

/// A packet of one note, as a later release might write it.
std::string later_note(char number, std::string_view fields) {
    std::string packet{0, number};
    journal::put_text(packet, fields);
    return packet;
}

}  // namespace

TEST(journals_of_version_1_are_read_as_they_were) {
    const MadeTrace old = make(stored("version_1.journal"));
    const MadeTrace now = make(scene_journal());
    CHECK(old.made.zones == 721 && old.made.frames == 20 && old.made.messages == 30);
    CHECK(old.made.complete && old.made.unknown == 0 && old.made.dropped_events == 0);
    CHECK(same_zones(old.trace, now.trace) && same_messages(old.trace, now.trace) && same_frames(old.trace, now.trace));
}

TEST(rings_of_version_2_are_read_as_they_were) {
    const MadeTrace old = make(stored("version_2.journal"));  // two of three turns are left
    CHECK(old.made.zones == 11 && old.made.messages == 2 && old.made.complete && old.made.forgotten_ns > 0);
    CHECK(old.trace.frame_sets.size() == 2 && old.trace.frame_sets[1].frames.size() == 1);  // carried
    const model::Zone& outermost = old.trace.threads.at(0).zones.at(0);
    CHECK(outermost.children == 10);
    CHECK(old.trace.strings.at(old.trace.zone_extras.at(outermost.extra).text) == "port 80");
}

TEST(a_cut_journal_of_version_1_gives_what_is_whole) {
    const std::string bytes = stored("version_1.journal");
    const MadeTrace cut = make(bytes.substr(0, bytes.size() - 10));
    CHECK(cut.made.zones == 721 && !cut.made.complete && cut.made.bytes_lost > 0);
}

TEST(what_only_a_later_release_knows_is_skipped_and_told) {
    std::vector<std::string> packets = packets_of(scene_journal());
    const MadeTrace plain = make(assembled(packets));
    packets.insert(packets.begin() + 2, later_note(63, "whatever a note may hold"));
    packets.insert(packets.begin() + 3, later_note(10, std::string{60, 1, 2, 3}));  // an event of no known kind
    // Thread 1, since 100 ticks after the start: a zone; in it an event of an unknown kind, at a time; its end.
    std::string what{2, 1, static_cast<char>(50 | journal::kHasTime), 3, 'a', 'b', 'c', 0};
    std::string events{1, 1, 100};
    journal::put_text(events, what);
    for (const std::uint16_t ticks : {10, 20, 30}) journal::put_fixed(events, ticks);
    packets.insert(packets.end() - 1, events);
    const MadeTrace later = make(assembled(packets));
    CHECK(plain.made.unknown == 0 && later.made.unknown == 3);
    CHECK(later.made.complete && later.made.zones == plain.made.zones + 1);
    CHECK(later.made.messages == plain.made.messages && later.made.frames == plain.made.frames);
}

TEST(fields_that_a_later_release_has_added_are_not_looked_at) {
    std::vector<std::string> packets = packets_of(scene_journal());
    // A default frame mark: kind, set, Continuous; and one field more.
    packets.insert(packets.begin() + 2, later_note(10, std::string{7, 100, 0, 0, 42}));
    const MadeTrace later = make(assembled(packets));
    CHECK(later.made.frames == 21 && later.made.unknown == 0 && later.made.complete);
}

TEST(version_1_ends_where_it_makes_no_sense) {
    std::vector<std::string> packets = packets_of(stored("version_1.journal"));
    packets.insert(packets.begin() + 2, std::string{0, 63, 1});
    const MadeTrace made = make(assembled(packets, 1));
    CHECK(!made.made.complete && made.made.zones == 0 && made.made.bytes_lost > 0);
}

namespace {

/// Hears every event as a line, with names in place of their ids.
class Lines final : public events::UniformSink<Lines> {
public:
    explicit Lines(const base::Names& names) : names_(names) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{this};
        walk_.walk(batch.words, visitor);
    }
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (const Event& event : events) add(event);
    }
    std::multiset<std::string> lines;
    std::set<events::Kind> kinds;

private:
    struct Visitor {
        template <events::ThreadEvent Event>
        void on(const Event& event) {
            all->add(event);
        }
        void dropped() { CHECK(!"nothing is lost in a journal"); }

        Lines* all;
    };
    template <typename Event>
    void add(const Event& event) {
        std::string line = std::to_string(static_cast<int>(Event::kKind));
        each_field(event, [&](const auto& field) { line += ' ' + text_of(field); });
        lines.insert(line);
        kinds.insert(Event::kKind);
    }
    std::string text_of(std::string_view text) const { return std::string(text); }
    std::string text_of(base::StringId id) const { return std::string(names_.strings.find(id).text); }
    std::string text_of(base::SourceLocationId id) const {
        return text_of(names_.locations.find(id).value_or(base::SourceLocation{}).function);
    }
    std::string text_of(base::CallstackId id) const {
        std::string text;
        for (const base::StackFrameId number : names_.callstacks.find(id)) {
            const base::StackFrame frame = names_.callstacks.frame(number).value_or(base::StackFrame{});
            text += text_of(frame.location) + ':' + std::to_string(frame.line);
            const base::NativeAddress& native = names_.callstacks.native(frame.native);
            text += ' ' + std::to_string(native.address) + text_of(native.image);
            for (const base::NativeFrame& call : native.frames) {
                text += text_of(call.function) + text_of(call.file) + std::to_string(call.line + call.symbol);
            }
        }
        return text;
    }
    template <typename Field>
    std::string text_of(const Field& field) const {
        return std::to_string(static_cast<double>(field));
    }

    const base::Names& names_;
    events::SteadyWalk walk_{base::SteadyClock(0)};
};

/// Any content for any kind.
class Filler {
public:
    Filler(base::Names& names, unsigned seed) : names_(names), random_(seed) {}

    template <typename Event>
    Event make() {
        Event event;
        each_field(event, [&](auto& field) { fill(field); });
        return event;
    }

private:
    void fill(base::Ticks& tick) { tick = now_ += static_cast<base::Ticks>(random_() % 100'000); }
    void fill(std::string_view& text) { text = std::string_view("some text of any length").substr(random_() % 23); }
    void fill(base::StringId& id) { id = names_.strings.intern("name " + std::to_string(random_() % 50)); }
    void fill(base::SourceLocationId& id) {
        base::SourceLocation location;
        location.function = names_.strings.intern("function " + std::to_string(random_() % 50));
        id = names_.locations.intern(location);
    }
    void fill(base::CallstackId& id) {
        base::StackFrame frame{{}, static_cast<std::uint32_t>(random_() % 50)};
        fill(frame.location);
        if (random_() % 2 != 0) {
            base::NativeAddress native{.address = random_() % 50, .frames = {{.line = 7, .symbol = random_() % 50}}};
            fill(native.image);
            fill(native.frames.front().function);
            frame = {.native = names_.callstacks.intern_native(native)};
        }
        id = names_.callstacks.intern({&frame, 1});
    }
    void fill(base::ThreadId& id) { id = static_cast<base::ThreadId>(random_()); }
    void fill(base::CodeAddress& address) { address = static_cast<base::CodeAddress>(random_()); }
    void fill(double& number) { number = static_cast<double>(random_() % 1'000'000) / 8; }
    void fill(bool& flag) { flag = random_() % 2 != 0; }
    template <typename Field>
    void fill(Field& field) {
        if constexpr (std::is_enum_v<Field>) {
            field = static_cast<Field>(random_() % (static_cast<unsigned>(events::kLast<Field>) + 1));
        } else {
            field = static_cast<Field>(random_() >> random_() % 64);
        }
    }

    base::Names& names_;
    std::mt19937_64 random_;
    base::Ticks now_ = kSceneStart;
};

}  // namespace

/// All kinds, PlotPoint, PlotStyle and ThreadFacts among them; none is named below, so this holds for those to come.
TEST(every_kind_of_event_comes_out_of_a_journal_as_it_went_in) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        base::Names names;
        Filler filler(names, seed);
        io::MemorySink sink;
        JournalWriter writer(sink, names, {synthetic_info(), {0, 0}, kSceneStart});
        Lines before(names);
        for (int round = 0; round < 30; ++round) {
            Words words;
            words.add(filler.make<events::ZoneBegin>());
#define TRACYPY_ADD(number, name, fields) \
    if constexpr (!events::PlainZoneEdge<events::name>) words.add(filler.make<events::name>());
            TRACYPY_THREAD_EVENTS(TRACYPY_ADD, )
#undef TRACYPY_ADD
            words.add(filler.make<events::ZoneEnd>()).add(filler.make<events::ZoneEnd>());
            writer.thread_batch(words.batch(1));
            before.thread_batch(words.batch(1));
#define TRACYPY_TAKE(number, name, fields)                     \
    {                                                          \
        const auto event = filler.make<events::name>();        \
        writer.take(std::span<const events::name>(&event, 1)); \
        before.take(std::span<const events::name>(&event, 1)); \
    }
            TRACYPY_SHARED_EVENTS(TRACYPY_TAKE, )
            TRACYPY_DEFINITIONS(TRACYPY_TAKE, )
#undef TRACYPY_TAKE
            if (round % 7 == 0) writer.flush({kSceneEnd, 0});
        }
        writer.finish({kSceneEnd, 0});
        io::MemorySource source(sink.bytes());
        JournalReader reader(source);
        Lines after(reader.names());
        while (reader.next(after)) {
        }
        CHECK(reader.is_complete() && reader.unknown() == 0);
        CHECK(before.lines == after.lines && before.kinds == after.kinds);
#define TRACYPY_COUNT(number, name, fields) CHECK(after.kinds.contains(events::Kind::name));
        TRACYPY_EVENTS(TRACYPY_COUNT, )
#undef TRACYPY_COUNT
    }
}

}  // namespace tracypy::native_tests
