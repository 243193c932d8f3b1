// Events that a capture has no place for, one by one and in every release: what is read after one of them must be
// right, and a capture must ask what a real viewer would ask for it. What each of them does is told here a second time.
#include <cstring>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "check.hpp"
#include "events/event_sink.hpp"
#include "events/null_sink.hpp"
#include "events/thread_walk.hpp"
#include "protocol/viewer_session.hpp"
#include "protocol/wire_block_writer.hpp"
#include "strict_tables.hpp"

namespace tracypy::native_tests {
namespace {

using protocol::QueryKind;

constexpr std::int64_t kFirstTick = 1'000'000;
constexpr std::int64_t kStep = 1'000;
constexpr std::uint32_t kThread = 7, kOtherThread = 8;
constexpr std::uint64_t kLocation = 0x100, kOtherLocation = 0x200, kText = 0x300;

struct Expected {
    bool moves_thread_time = false;
    std::multiset<std::pair<QueryKind, std::uint64_t>> asked = {};
    bool takes_text = false;
    bool takes_location = false;
};

/// By the beginning of the event's name; the longest that fits counts.
const std::map<std::string_view, Expected>& expectations() {
    const std::pair<QueryKind, std::uint64_t> thread{QueryKind::ThreadString, kOtherThread};
    const std::pair<QueryKind, std::uint64_t> location{QueryKind::SourceLocation, kOtherLocation};
    const std::pair<QueryKind, std::uint64_t> text{QueryKind::String, kText};
    static const std::map<std::string_view, Expected> known{
        {"Callstack", {}},
        {"FrameImage", {}},
        {"LockWait", {.asked = {thread}}},
        {"LockObtain", {.asked = {thread}}},
        {"LockRelease", {}},
        {"LockShared", {.asked = {thread}}},
        {"LockName", {.takes_text = true}},
        {"LockAnnounce", {.asked = {location}}},
        {"LockTerminate", {}},
        {"LockMark", {.asked = {location}}},
        {"GpuZoneBegin", {.moves_thread_time = true, .asked = {location}}},
        {"GpuZoneBeginSerial", {.asked = {location}}},
        {"GpuZoneBeginCallstackSerial", {.asked = {location}}},
        {"GpuZoneBeginAllocSrcLoc", {.moves_thread_time = true, .takes_location = true}},
        {"GpuZoneBeginAllocSrcLocSerial", {.takes_location = true}},
        {"GpuZoneBeginAllocSrcLocCallstackSerial", {.takes_location = true}},
        {"GpuZoneEnd", {.moves_thread_time = true}},
        {"GpuZoneEndSerial", {}},
        {"GpuZoneAnnotation", {}},
        {"GpuNewContext", {}},
        {"GpuContextName", {.takes_text = true}},
        {"GpuAnnotationName", {.takes_text = true}},
        {"GpuTime", {}},
        {"GpuCalibration", {}},
        {"ContextSwitch", {}},
        {"ThreadWakeup", {}},
        {"TidToPid", {}},
        {"CrashReport", {.asked = {text}}},
        {"SysTimeReport", {}},
        {"SysPowerReport", {.asked = {text}}},
        {"HwSample", {}},
        {"ParamSetup", {.asked = {text}}},
        {"CpuTopology", {}},
        {"KeepAlive", {}},
        {"Ack", {}},
        {"SymbolCode", {}},
        {"SourceCode", {}},
        {"External", {}},
    };
    return known;
}

const Expected* expected_of(std::string_view name) {
    const Expected* best = nullptr;
    std::size_t longest = 0;
    for (const auto& [beginning, expected] : expectations()) {
        if (!name.starts_with(beginning) || beginning.size() < longest) continue;
        best = &expected;
        longest = beginning.size();
    }
    return best;
}

/// Writes events by the strict viewer's tables.
class Program {
public:
    explicit Program(const strict::Protocol& protocol) : protocol_(protocol) {}

    void add(const strict::Event& event, const std::map<std::string_view, std::uint64_t>& values,
             std::string_view tail = {}) {
        std::string bytes(event.size, '\0');
        bytes[0] = static_cast<char>(&event - protocol_.events.data());
        for (const strict::Field& field : event.fields) {
            const auto value = values.find(field.name);
            const std::string_view sized = "BbHIi";
            const std::size_t sizes[] = {1, 1, 2, 4, 4};
            const std::size_t at = sized.find(field.code[0]);
            if (value == values.end() || field.code[0] == '6') continue;
            std::memcpy(bytes.data() + 1 + field.offset, &value->second, at == sized.npos ? 8 : sizes[at]);
        }
        const std::size_t width = event.follows == strict::Follows::Nothing  ? 0
                                  : event.follows == strict::Follows::Text8  ? 1
                                  : event.follows == strict::Follows::Text16 ? 2
                                                                             : 4;
        const std::size_t length = tail.size();
        bytes.append(reinterpret_cast<const char*>(&length), width).append(tail);
        events_ += bytes;
    }
    void add(std::string_view name, const std::map<std::string_view, std::uint64_t>& values,
             std::string_view tail = {}) {
        for (const strict::Event& event : protocol_.events) {
            if (event.name == name) return add(event, values, tail);
        }
        CHECK(name == "an event of this protocol");
    }
    /// In the plain form for small differences.
    void add_zone_time(std::string_view name, std::int64_t difference, std::uint64_t location = 0) {
        add(std::string(name) + (protocol_.has_zone_time_forms ? "16" : ""),
            {{"time", static_cast<std::uint64_t>(difference)}, {"location", location}});
    }
    void add_text_ahead() { add(protocol_.has_string_bias ? "SingleStringData8" : "SingleStringData", {}, "a text"); }
    const std::string& events() const { return events_; }

private:
    const strict::Protocol& protocol_;
    std::string events_;
};

struct ZoneTimes final : events::NullSink {
    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{&ticks};
        events::SteadyWalk(base::SteadyClock(0)).walk(batch.words, visitor);
    }

    struct Visitor {
        void on(const events::ZoneBegin& zone) { ticks->push_back(zone.tick); }
        void on(const events::ZoneEnd& zone) { ticks->push_back(zone.tick); }
        template <events::ThreadEvent Event>
        void on(const Event&) {}
        void dropped() { CHECK(!"a batch holds whole zones"); }

        std::vector<std::int64_t>* ticks;
    };
    std::vector<std::int64_t> ticks;
};

struct Seen {
    std::vector<std::int64_t> ticks;  // of begins and ends
    std::multiset<std::pair<QueryKind, std::uint64_t>> asked;
    std::string problem;
    std::int64_t last_tick = 0;
    std::uint64_t not_kept = 0;
};

Seen capture(const protocol::Dialect& dialect, const std::string& events) {
    base::Names names;
    ZoneTimes sink;
    protocol::ViewerSession session(dialect, names, sink);
    protocol::Welcome facts;
    facts.first_tick = kFirstTick;
    std::string stream("\1");
    stream += protocol::make_welcome(dialect, facts, 0, kFirstTick);
    protocol::OutputBuffer blocks;
    protocol::WireBlockWriter writer(blocks, protocol::Packing::Stored);
    char* const room = writer.reserve(events.size());
    std::memcpy(room, events.data(), events.size());
    writer.advance(room + events.size());
    writer.flush();
    stream.append(blocks.pending().data(), blocks.size());
    session.receive(stream);

    Seen seen{sink.ticks, {}, session.problem(), session.progress().last_tick};
    const std::span<const char> asked = session.output().pending();
    for (std::size_t at = protocol::kGreetingBytes; at + protocol::kQueryBytes <= asked.size();
         at += protocol::kQueryBytes) {
        std::uint64_t pointer;
        std::memcpy(&pointer, asked.data() + at + 1, sizeof(pointer));
        seen.asked.emplace(static_cast<QueryKind>(asked[at]), pointer);
    }
    for (const auto& entry : session.unsupported_events()) seen.not_kept += entry.count;
    return seen;
}

/// A zone of ten ticks, with the event in it.
Seen capture_around(const strict::Protocol& known, const strict::Event& event, const Expected& expected) {
    Program program(known);
    program.add("ThreadContext", {{"thread", kThread}});
    program.add("ZoneBegin", {{"time", kFirstTick}, {"location", kLocation}});
    if (expected.takes_text) program.add_text_ahead();
    if (expected.takes_location)
        program.add("SourceLocationPayload", {}, std::string_view("\0\0\0\0\1\0\0\0f\0a.c\0", 14));
    program.add(event, {{"time", kStep},
                        {"gpu_time", kStep},
                        {"thread", kOtherThread},
                        {"location", kOtherLocation},
                        {"name", kText},
                        {"text", kText},
                        {"pool", kText}});
    program.add_zone_time("ZoneEnd", 10);
    return capture(*protocol::find_dialect(known.number), program.events());
}

std::int64_t begin_tick(const strict::Protocol& known) {
    return known.has_zone_time_forms ? 65'536 + (std::int64_t{1} << 32) : 0;
}

TEST(what_a_capture_has_no_place_for_is_read_over_as_a_real_viewer_would_read_it) {
    std::size_t tried = 0;
    for (const strict::Protocol& known : strict::kProtocols) {
        for (const strict::Event& event : known.events) {
            const Expected* const expected = expected_of(event.name);
            if (expected == nullptr || event.follows == strict::Follows::Internal) continue;
            ++tried;
            const Seen seen = capture_around(known, event, *expected);
            const std::int64_t moved = expected->moves_thread_time ? kStep : 0;
            std::multiset<std::pair<QueryKind, std::uint64_t>> asked = expected->asked;
            asked.emplace(QueryKind::SourceLocation, kLocation);
            asked.emplace(QueryKind::ThreadString, kThread);
            const int before = failures();
            CHECK(seen.problem == "");
            CHECK(seen.ticks == std::vector<std::int64_t>{begin_tick(known), begin_tick(known) + 10 + moved});
            CHECK(seen.asked == asked);
            if (failures() != before) {
                std::fprintf(stderr, "    %s, protocol %u\n", std::string(event.name).c_str(), known.number);
            }
        }
    }
    CHECK(tried > 300);
}

TEST(text_that_a_skipped_event_used_up_is_not_the_next_events) {
    for (const strict::Protocol& known : strict::kProtocols) {
        Program program(known);
        program.add("ThreadContext", {{"thread", kThread}});
        program.add("ZoneBegin", {{"time", kFirstTick}, {"location", kLocation}});
        program.add_text_ahead();
        program.add("LockName", {{"id", 1}});
        program.add("ZoneText", {});
        const Seen seen = capture(*protocol::find_dialect(known.number), program.events());
        CHECK(seen.problem.find("without its text") != std::string::npos);
    }
}

TEST(times_of_samples_count_from_each_other_whatever_their_form) {
    for (const strict::Protocol& known : strict::kProtocols) {
        Program program(known);
        program.add("ThreadContext", {{"thread", kThread}});
        program.add("CallstackSample", {{"thread", kOtherThread}, {"time", kFirstTick}});
        const bool has_forms = known.has_zone_time_forms;
        if (has_forms) program.add("CallstackSample32", {{"thread", kOtherThread}, {"time", 5}});
        if (has_forms) program.add("CallstackSample16", {{"thread", kOtherThread}, {"time", 7}});
        if (!has_forms) program.add("CallstackSample", {{"thread", kOtherThread}, {"time", 65'536 + 5 + 7}});
        program.add("ContextSwitch", {{"time", 100}});
        const Seen seen = capture(*protocol::find_dialect(known.number), program.events());
        CHECK(seen.problem == "");
        CHECK(seen.last_tick == begin_tick(known) + 65'536 + 5 + 7 + 100);
        CHECK(seen.not_kept == (has_forms ? 4 : 3));
    }
}

}  // namespace
}  // namespace tracypy::native_tests
