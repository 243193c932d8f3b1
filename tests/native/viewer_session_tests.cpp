// The capturing side against recorded conversations of real programs: it must ask what the real viewer asked, and make
// of it what the real capture saved.
//
// The recordings lie outside the repository; TRACYPY_VECTORS names their folder. Without it the tests that need them
// say so and skip.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"
#include "io/file_stream.hpp"
#include "model/capture_builder.hpp"
#include "protocol/viewer_session.hpp"
#include "protocol/wire_block_writer.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/writer.hpp"

namespace tracypy::native_tests {
namespace {

using model::Trace;
using protocol::ViewerSession;
using State = ViewerSession::State;

struct Recording {
    std::filesystem::path folder;
    const protocol::Dialect* dialect;

    std::string bytes(const char* name) const {
        std::ifstream file(folder / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
};

std::vector<Recording> recordings() {
    const char* const folder = std::getenv("TRACYPY_VECTORS");
    if (folder == nullptr || *folder == 0) {
        std::fprintf(stderr, "TRACYPY_VECTORS is not set: recorded conversations are not replayed\n");
        return {};
    }
    std::vector<Recording> found;
    const std::pair<const char*, std::uint32_t> releases[] = {
        {"0.11.1", 69}, {"0.12.2", 74}, {"0.13.1", 76}, {"0.14.0", 82}};
    for (const auto& [release, protocol] : releases) {
        for (const char* flavour : {"demand", "always", "plain"}) {
            found.push_back({std::filesystem::path(folder) / release / flavour, protocol::find_dialect(protocol)});
        }
    }
    return found;
}

/// A session with all that it needs.
struct Capture {
    explicit Capture(const protocol::Dialect& dialect)
        : builder(names, 0), captured(builder), session(dialect, names, builder, &captured) {}

    Trace trace() {
        const protocol::Welcome& welcome = *session.welcome();
        std::vector<base::Ticks> starts{0, welcome.initialized_tick - welcome.first_tick};
        if (welcome.is_on_demand) starts.push_back(welcome.connected_tick - welcome.first_tick);
        builder.start_frames(starts);
        model::TraceInfo info;
        info.ns_per_tick = welcome.nanoseconds_per_tick;
        return captured.finish(session.progress().last_tick, info);
    }
    std::string asked() {
        const auto pending = session.output().pending();
        return {pending.begin(), pending.end()};
    }

    base::Names names;
    model::TraceBuilder builder;
    model::CaptureBuilder captured;
    ViewerSession session;
};

/// What a viewer sends, less its queries for source files: a real one opens those that are on its disk.
std::string without_source_queries(const std::string& bytes) {
    using protocol::QueryKind;
    std::string kept = bytes.substr(0, protocol::kGreetingBytes);
    for (std::size_t at = kept.size(); at < bytes.size(); at += protocol::kQueryBytes) {
        const auto kind = static_cast<QueryKind>(bytes[at]);
        if (kind == QueryKind::SourceCode || kind == QueryKind::DataTransfer || kind == QueryKind::DataTransferPart) {
            continue;
        }
        kept += bytes.substr(at, protocol::kQueryBytes);
    }
    return kept;
}

/// Everything about a trace's rows, in words, so that two of them can be compared.
class Description {
public:
    /// `old_values`: 0.11.1 wrote the value of a zone without its hexadecimal form.
    Description(const Trace& trace, bool old_values) : trace_(trace), old_values_(old_values) {}

    std::vector<std::string> zones() const {
        std::vector<std::string> lines;
        for (const model::Thread& thread : trace_.threads) {
            for (const model::Zone& zone : thread.zones) {
                const model::ZoneExtra& extra = trace_.zone_extras[zone.extra];
                const model::SourceLocation& place = trace_.locations[zone.location];
                lines.push_back(row(thread) + number(zone.start_ns) + number(zone.end_ns) + number(zone.children) +
                                number(zone.depth) + text(place.name) + text(place.function) + text(place.file) +
                                number(place.line) + number(place.color) + zone_text(extra.text) + text(extra.name) +
                                number(extra.color));
            }
        }
        return lines;
    }
    std::vector<std::string> threads() const {
        std::vector<std::string> lines;
        for (const model::Thread& thread : trace_.threads) {
            lines.push_back(row(thread) + number(thread.is_fiber) + number(static_cast<std::int64_t>(thread.id)));
        }
        return lines;
    }
    std::vector<std::string> messages() const {
        std::vector<std::string> lines;
        for (const model::Message& message : trace_.messages) {
            const bool is_known = message.thread < trace_.threads.size();
            lines.push_back(number(message.time_ns) + text(message.text) + number(message.color) +
                            (is_known ? row(trace_.threads[message.thread]) : "nobody"));
        }
        std::sort(lines.begin(), lines.end());  // several may have one time
        return lines;
    }
    std::vector<std::string> frames() const {
        std::vector<std::string> lines;
        for (const model::FrameSet& set : trace_.frame_sets) {
            // A file holds a name even for the set that has none.
            const std::string name = &set == trace_.frame_sets.data() ? "default" : text(set.name);
            for (const model::Frame& frame : set.frames) {
                lines.push_back(name + number(set.is_continuous) + number(frame.start_ns) + number(frame.end_ns));
            }
        }
        return lines;
    }
    std::vector<std::string> plots() const {
        std::vector<std::string> lines;
        for (const model::Plot& plot : trace_.plots) {
            if (plot.kind != model::Plot::Kind::User) continue;  // its name is of the viewer's making
            const std::string head = text(plot.name) + number(static_cast<int>(plot.format)) +
                                     number(plot.shows_steps) + number(plot.is_filled) + number(plot.color);
            for (const model::PlotPoint& point : plot.points) {
                lines.push_back(head + number(point.time_ns) + std::to_string(point.value));
            }
        }
        return lines;
    }

private:
    static std::string number(std::int64_t value) { return std::to_string(value) + ' '; }
    std::string text(model::TextId id) const { return '"' + std::string(trace_.strings.at(id)) + "\" "; }
    std::string row(const model::Thread& thread) const { return text(thread.name); }
    std::string zone_text(model::TextId id) const {
        std::string content = text(id);
        for (std::size_t at = 0; old_values_ && (at = content.find(" [0x", at)) != std::string::npos;) {
            content.erase(at, content.find(']', at) - at + 1);
        }
        return content;
    }

    const Trace& trace_;
    bool old_values_;
};

void check_same(const Trace& ours, const Trace& real, bool old_values) {
    const Description a(ours, old_values), b(real, old_values);
    CHECK(a.threads() == b.threads());
    CHECK(a.zones() == b.zones());
    CHECK(a.messages() == b.messages());
    CHECK(a.frames() == b.frames());
    CHECK(a.plots() == b.plots());
    CHECK(ours.info.last_time_ns == real.info.last_time_ns);
}

/// The same stream with blocks of literals, so that damage hits events and not their compression.
std::string with_stored_blocks(const std::string& stream, const protocol::Dialect& dialect) {
    std::size_t head = 1 + protocol::welcome_bytes(dialect);
    if (protocol::parse_welcome(dialect, std::span(stream).subspan(1, head - 1)).is_on_demand) {
        head += protocol::kOnDemandBytes;
    }
    protocol::WireBlockReader reader;
    protocol::OutputBuffer output;
    protocol::WireBlockWriter writer(output, protocol::Packing::Stored);
    reader.feed(std::span(stream).subspan(head));
    while (const auto events = reader.next()) {
        writer.advance(std::copy(events->begin(), events->end(), writer.reserve(events->size())));
        writer.flush();
    }
    return stream.substr(0, head) + std::string(output.pending().data(), output.size());
}

Trace saved(const Recording& recording) {
    io::FileSource source(recording.folder / "trace.tracy");
    return std::move(tracefile::read_trace(source).trace);
}

}  // namespace

TEST(a_recorded_program_is_asked_what_the_real_viewer_asked) {
    for (const Recording& recording : recordings()) {
        Capture capture(*recording.dialect);
        capture.session.receive(recording.bytes("to-viewer.bin"));
        CHECK(capture.session.state() == State::Done);
        CHECK(capture.session.problem().empty());
        CHECK(without_source_queries(capture.asked()) == without_source_queries(recording.bytes("to-program.bin")));
    }
}

TEST(a_captured_trace_is_what_the_real_capture_saved) {
    for (const Recording& recording : recordings()) {
        Capture capture(*recording.dialect);
        capture.session.receive(recording.bytes("to-viewer.bin"));
        REQUIRE(capture.session.welcome().has_value());
        const bool is_plain = recording.folder.filename() == "plain";
        CHECK(capture.session.progress().zones == (is_plain ? 5517u : 5617u));
        check_same(capture.trace(), saved(recording), recording.dialect->protocol == 69);
    }
}

TEST(the_size_of_the_pieces_does_not_matter) {
    std::mt19937 random(1);
    for (const Recording& recording : recordings()) {
        const std::string bytes = recording.bytes("to-viewer.bin");
        Capture whole(*recording.dialect);
        whole.session.receive(bytes);
        for (const std::size_t largest : {std::size_t{1}, std::size_t{7}, std::size_t{1009}, std::size_t{65'536}}) {
            Capture capture(*recording.dialect);
            for (std::size_t at = 0; at < bytes.size();) {
                const std::size_t size = std::min(bytes.size() - at, 1 + random() % largest);
                capture.session.receive(std::span(bytes).subspan(at, size));
                at += size;
            }
            CHECK(capture.session.state() == State::Done);
            CHECK(capture.asked() == whole.asked());
            CHECK(capture.session.progress().zones == whole.session.progress().zones);
        }
    }
}

TEST(what_only_captures_have_is_counted_where_there_is_no_place_for_it) {
    for (const Recording& recording : recordings()) {
        base::Names names;
        model::TraceBuilder builder(names, 0);
        ViewerSession session(*recording.dialect, names, builder);
        session.receive(recording.bytes("to-viewer.bin"));
        std::map<std::string, std::uint64_t> counts;
        for (const protocol::UnsupportedEvents& entry : session.unsupported_events())
            counts[std::string(entry.what)] = entry.count;
        // 3 announced, named one or two, 110 waits, 115 obtains, 115 releases, shared 20/20/20, 10 marks, 3 terminated.
        CHECK(counts["lock events"] >= 110 + 115 + 115 + 60 + 10 + 3 + 3);
        CHECK(counts["memory events"] == 0);
        CHECK(counts["frame images"] == 6);
        CHECK(counts["parameters"] == (recording.dialect->protocol >= 82 ? 3u : 2u));
    }
}

TEST(locks_and_pictures_are_kept) {
    for (const Recording& recording : recordings()) {
        Capture capture(*recording.dialect);
        capture.session.receive(recording.bytes("to-viewer.bin"));
        const Trace trace = capture.trace();
        std::size_t events = 0;
        for (const model::Lock& lock : trace.locks) events += lock.events.size();
        CHECK(trace.locks.size() == 3 && events == 110 + 115 + 115 + 60);
        CHECK(std::ranges::all_of(trace.locks, [](const model::Lock& lock) { return lock.ended_ns > lock.made_ns; }));
        CHECK(trace.frame_images.size() == 6 && capture.captured.lost_images() == 0);
        for (const protocol::UnsupportedEvents& entry : capture.session.unsupported_events()) {
            CHECK(entry.what == "parameters");
        }
    }
}

TEST(memory_is_kept) {
    for (const Recording& recording : recordings()) {
        Capture capture(*recording.dialect);
        capture.session.receive(recording.bytes("to-viewer.bin"));
        const Trace trace = capture.trace();
        std::size_t blocks = 0;
        for (const model::MemoryPool& pool : trace.memory_pools) blocks += pool.allocations.size();
        CHECK(blocks == (recording.dialect->protocol >= 72 ? 110 + 51 + 12 + 3 : 110 + 51));
        CHECK(trace.memory_pools.size() == (recording.dialect->protocol >= 72 ? 3 : 2));
    }
}

TEST(application_information_is_kept) {
    for (const Recording& recording : recordings()) {
        Capture capture(*recording.dialect);
        capture.session.receive(recording.bytes("to-viewer.bin"));
        const Trace trace = capture.trace();
        REQUIRE(trace.app_info.size() == 2);
        for (const model::TextId line : trace.app_info) CHECK(!trace.strings.at(line).empty());
    }
}

TEST(a_stream_that_breaks_off_keeps_what_came) {
    for (const Recording& recording : recordings()) {
        const std::string bytes = recording.bytes("to-viewer.bin");
        std::uint64_t before = 0;
        for (std::size_t tenth = 0; tenth < 10; ++tenth) {
            Capture capture(*recording.dialect);
            capture.session.receive(std::span(bytes).first(bytes.size() * tenth / 10));
            capture.session.end_of_stream();
            CHECK(capture.session.state() == State::Lost);
            CHECK(!capture.session.problem().empty());
            CHECK(capture.session.progress().zones >= before);
            before = capture.session.progress().zones;
            if (!capture.session.welcome()) continue;
            const Trace trace = capture.trace();
            CHECK(trace.zone_count() == before);
            io::MemorySink sink;
            CHECK(tracefile::write_trace(sink, trace).zones == before);
            io::MemorySource source(sink.bytes());
            CHECK(tracefile::read_trace(source).trace.zone_count() == before);
        }
        CHECK(before > 1'000);
    }
}

// Whatever is changed, in the bytes as they come or in the events inside, the session ends with one clear line or goes
// on; the sanitizers see to the rest.
TEST(damaged_streams_are_told_or_survived) {
    std::mt19937 random(2);
    int told = 0;
    for (const Recording& recording : recordings()) {
        const std::string packed = recording.bytes("to-viewer.bin");
        const std::string stored = with_stored_blocks(packed, *recording.dialect);
        for (int round = 0; round < 120; ++round) {
            std::string bytes = round % 2 == 0 ? packed : stored;
            for (int damage = 0; damage < 1 + round % 4; ++damage) {
                bytes[random() % bytes.size()] = static_cast<char>(random());
            }
            Capture capture(*recording.dialect);
            capture.session.receive(bytes);
            capture.session.end_of_stream();
            CHECK(capture.session.has_ended());
            CHECK((capture.session.state() == State::Done) == capture.session.problem().empty());
            told += capture.session.state() == State::Failed ? 1 : 0;
            if (!capture.session.welcome()) continue;
            const Trace trace = capture.trace();
            CHECK(trace.zone_count() == capture.session.progress().zones);
        }
    }
    CHECK(told > 100 || recordings().empty());
}

}  // namespace tracypy::native_tests
