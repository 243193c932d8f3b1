// The wire's tables against those of the strict viewer, which were counted from the protocol's facts a second time: the
// number, the size and every field's place of every event in every release.
#include <string>

#include "check.hpp"
#include "protocol/encoder.hpp"
#include "protocol/schema_tables.hpp"
#include "strict_tables.hpp"

namespace tracypy::native_tests {
namespace {

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

// What does not fit its row does not compile.
template <WireEvent kEvent, typename... Values>
concept CanWrite = requires(protocol::Encoder& encoder, Values... values) { encoder.write<kEvent>(values...); };

using base::StringId;
using base::ThreadId;
using base::Ticks;

static_assert(CanWrite<WireEvent::FrameMarkMsg, Ticks, StringId>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, Ticks>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, Ticks, StringId, int>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, StringId, Ticks>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, Ticks, ThreadId>);
static_assert(!CanWrite<WireEvent::FrameMarkMsg, int, StringId>);
static_assert(CanWrite<WireEvent::LockWait, ThreadId, std::uint32_t, Ticks>);
static_assert(!CanWrite<WireEvent::LockWait, std::uint32_t, ThreadId, Ticks>);
static_assert(CanWrite<WireEvent::Message, Ticks, std::uint8_t>);
static_assert(CanWrite<WireEvent::StringData, std::uint64_t, std::string_view>);
static_assert(!CanWrite<WireEvent::StringData, std::uint64_t>);
static_assert(!CanWrite<WireEvent::StringData, std::uint64_t, std::uint64_t>);
static_assert(CanWrite<WireEvent::KeepAlive> && !CanWrite<WireEvent::KeepAlive, int>);
static_assert(CanWrite<WireEvent::PlotDataFloat, StringId, Ticks, float>);
static_assert(!CanWrite<WireEvent::PlotDataFloat, StringId, Ticks, double>);

}  // namespace
}  // namespace tracypy::native_tests
