// The wire's tables against those of the strict viewer, which were counted from the protocol's facts a second time: the
// number, the size and every field's place of every event in every release.
#include <string>

#include "check.hpp"
#include "protocol/encoder.hpp"
#include "protocol/schema_tables.hpp"
#include "stream_reader.hpp"
#include "strict_tables.hpp"

namespace tracypy::native_tests {
namespace {

using base::Ticks;
using protocol::Dialect;
using protocol::Field;
using protocol::FieldType;
using protocol::Tail;
using protocol::WireEvent;
using strict::Follows;

/// A field as both sides can tell it: "time q 8".
std::string tell(std::string_view name, std::string_view code, int place) {
    return std::string(name) + " " + std::string(code) + " " + std::to_string(place);
}

std::string_view code_of(FieldType type) {
    constexpr std::string_view kCodes[] = {"B", "b", "H", "BBB", "I", "i", "6s", "Q", "q", "f", "d"};
    return kCodes[static_cast<std::size_t>(type)];
}

/// The strict viewer has three fields for a colour that stands alone, where the product has one of 24 bits.
std::vector<std::string> fields_of(const strict::Event& event) {
    std::vector<std::string> told;
    for (const strict::Field& field : event.fields) {
        if (field.name == "green" || field.name == "red") continue;
        if (field.name == "blue") {
            told.push_back(tell("color", "BBB", field.offset));
        } else {
            told.push_back(tell(field.name == "colour" ? "color" : field.name, field.code, field.offset));
        }
    }
    return told;
}

std::vector<std::string> fields_of(const Dialect& dialect, WireEvent event) {
    std::vector<std::string> told;
    for (const Field& field : protocol::row_of(event).fields) {
        if (field.name.empty() || !field.is_in(dialect.protocol)) continue;
        told.push_back(
            tell(field.name, code_of(field.type), dialect.place(event, protocol::slot_of(event, field.name))));
    }
    return told;
}

TEST(every_event_of_every_release_lies_on_the_wire_as_the_strict_viewer_knows_it) {
    REQUIRE(std::size(protocol::kDialects) == std::size(strict::kProtocols));
    for (std::size_t i = 0; i < std::size(protocol::kDialects); ++i) {
        const Dialect& dialect = protocol::kDialects[i];
        const strict::Protocol& known = strict::kProtocols[i];
        CHECK(dialect.protocol == known.number);
        REQUIRE(dialect.event_count == known.events.size());
        for (std::size_t number = 0; number < known.events.size(); ++number) {
            const WireEvent event = dialect.events[number];
            const strict::Event& expected = known.events[number];
            CHECK(protocol::row_of(event).name == expected.name);
            CHECK(dialect.number(event) == number);
            CHECK(dialect.fixed_size(event) == expected.size);
            CHECK(fields_of(dialect, event) == fields_of(expected));
        }
    }
}

TEST(what_follows_an_event_and_what_means_something_else_is_what_the_strict_viewer_knows) {
    constexpr Tail kTails[] = {Tail::None, Tail::Text16, Tail::Text8, Tail::Data32, Tail::NotOnWire};
    for (const strict::Protocol& known : strict::kProtocols) {
        const Dialect& dialect = *protocol::find_dialect(known.number);
        CHECK(dialect.welcome_has_delay == known.has_delay);
        CHECK(dialect.short_strings == known.has_string_bias);
        CHECK(dialect.short_times == known.has_zone_time_forms);
        CHECK(dialect.tagged_addresses == known.has_tagged_addresses);
        for (std::size_t number = 0; number < known.events.size(); ++number) {
            const Tail expected = kTails[static_cast<std::size_t>(known.events[number].follows)];
            CHECK(protocol::row_of(dialect.events[number]).tail == expected);
        }
    }
}

/// Writes without a session, and reads back by the strict viewer's tables.
class Writer {
public:
    explicit Writer(std::uint32_t protocol)
        : encoder(*protocol::find_dialect(protocol), output_, protocol::Packing::Stored),
          tables_(StreamReader::tables(protocol)),
          cursor_(encoder.writer().cursor()) {}

    /// The next event, as "LockWait thread=3 id=4 time=1000".
    std::string next() {
        if (cursor_ >= encoder.writer().cursor()) return "";
        const strict::Event& event = tables_.events[static_cast<std::uint8_t>(*cursor_)];
        const SeenEvent seen{event, cursor_ + 1, {}};
        std::string text(event.name);
        for (const strict::Field& field : event.fields) {
            text += " " + std::string(field.name) + "=" + std::to_string(seen.number(field.name));
        }
        cursor_ += event.size;
        return text;
    }

private:
    protocol::OutputBuffer output_;

public:
    protocol::Encoder encoder;

private:
    const strict::Protocol& tables_;
    const char* cursor_;
};

TEST(times_are_written_relative_to_what_their_rows_say) {
    Writer writer(76);
    protocol::Encoder& encoder = writer.encoder;
    constexpr auto kName = static_cast<base::StringId>(9);
    encoder.select_thread(base::ThreadId{1});
    encoder.write<WireEvent::PlotDataInt>(kName, Ticks{5000}, std::int64_t{-7});
    encoder.write<WireEvent::LockWait>(base::ThreadId{1}, std::uint32_t{4}, Ticks{6000});
    encoder.write<WireEvent::PlotDataInt>(kName, Ticks{5100}, std::int64_t{8});
    encoder.write<WireEvent::FrameMarkMsg>(Ticks{5200}, kName);
    encoder.write<WireEvent::GpuTime>(std::int64_t{70}, std::uint16_t{1}, std::uint8_t{0});
    encoder.select_thread(base::ThreadId{2});
    encoder.write<WireEvent::PlotDataInt>(kName, Ticks{5300}, std::int64_t{9});
    encoder.write<WireEvent::LockObtain>(base::ThreadId{2}, std::uint32_t{4}, Ticks{5900});
    encoder.write<WireEvent::GpuTime>(std::int64_t{75}, std::uint16_t{2}, std::uint8_t{0});
    CHECK(writer.next() == "ThreadContext thread=1");
    CHECK(writer.next() == "PlotDataInt name=9 time=5000 value=-7");
    CHECK(writer.next() == "LockWait thread=1 id=4 time=6000");
    CHECK(writer.next() == "PlotDataInt name=9 time=100 value=8");
    CHECK(writer.next() == "FrameMarkMsg time=5200 name=9");
    CHECK(writer.next() == "GpuTime gpu_time=70 query=1 context=0");
    CHECK(writer.next() == "ThreadContext thread=2");
    CHECK(writer.next() == "PlotDataInt name=9 time=5300 value=9");
    CHECK(writer.next() == "LockObtain thread=2 id=4 time=-100");
    CHECK(writer.next() == "GpuTime gpu_time=5 query=2 context=0");
    CHECK(writer.next() == "");
}

TEST(fields_and_events_that_a_protocol_does_not_have_are_left_out) {
    Writer old(66), recent(82);
    for (Writer* writer : {&old, &recent}) {
        writer->encoder.write<WireEvent::Message>(Ticks{10}, std::uint8_t{0x20});
        writer->encoder.write<WireEvent::FiberEnter>(Ticks{20}, std::uint64_t{5}, base::ThreadId{6}, std::int32_t{-1});
        writer->encoder.write<WireEvent::SectionLeave>(Ticks{30}, std::uint32_t{1});
        writer->encoder.write<WireEvent::CpuTopology>(std::uint32_t{1}, std::uint32_t{2}, std::uint32_t{3},
                                                      std::uint32_t{4});
    }
    CHECK(old.next() == "Message time=10");
    CHECK(old.next() == "FiberEnter time=20 fiber=5 thread=6");
    CHECK(old.next() == "CpuTopology package=1 core=3 thread=4");
    CHECK(old.next() == "" && old.encoder.dropped_events() == 1);
    CHECK(recent.next() == "Message time=10 metadata=32");
    CHECK(recent.next() == "FiberEnter time=20 fiber=5 thread=6 hint=-1");
    CHECK(recent.next() == "SectionLeave time=10 id=1");
    CHECK(recent.next() == "CpuTopology package=1 die=2 core=3 thread=4");
    CHECK(recent.next() == "" && recent.encoder.dropped_events() == 0);
}

// What does not fit its row does not compile.
template <WireEvent kEvent, typename... Values>
concept CanWrite = requires(protocol::Encoder& encoder, Values... values) { encoder.write<kEvent>(values...); };

using base::StringId;
using base::ThreadId;

static_assert(CanWrite<WireEvent::FrameMarkMsg, Ticks, StringId>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, Ticks>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, Ticks, StringId, int>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, StringId, Ticks>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, Ticks, ThreadId>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, int, StringId>);
static_assert(CanWrite<WireEvent::LockWait, ThreadId, std::uint32_t, Ticks>);
static_assert(!CanWrite<WireEvent::LockWait, std::uint32_t, ThreadId, Ticks>);
static_assert(!CanWrite<WireEvent::LockWait, ThreadId, ThreadId, Ticks>);
static_assert(!CanWrite<WireEvent::ZoneValue, StringId>);
static_assert(CanWrite<WireEvent::Message, Ticks, std::uint8_t>);
static_assert(CanWrite<WireEvent::StringData, std::uint64_t, std::string_view>);
static_assert(!CanWrite<WireEvent::StringData, std::uint64_t>);
static_assert(!CanWrite<WireEvent::StringData, std::uint64_t, std::uint64_t>);
static_assert(CanWrite<WireEvent::KeepAlive> && !CanWrite<WireEvent::KeepAlive, int>);
static_assert(CanWrite<WireEvent::PlotDataFloat, StringId, Ticks, float>);
static_assert(!CanWrite<WireEvent::PlotDataFloat, StringId, Ticks, double>);

}  // namespace
}  // namespace tracypy::native_tests
