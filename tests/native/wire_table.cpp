// Prints docs/wire-events.md, from the table of events in cpp/protocol.
#include <cstdio>
#include <string>

#include "protocol/schema_tables.hpp"

using namespace tracypy::protocol;

namespace {

std::string quoted(std::string_view name) {
    return "`" + std::string(name) + "`";
}

std::string since_and_before(const Field& field, std::uint8_t event_since) {
    if (field.before != Field{}.before) return ", before " + std::to_string(field.before);
    return field.since > event_since ? ", since " + std::to_string(field.since) : "";
}

std::string tell_fields(const WireEventFacts& event) {
    std::string text;
    for (const Field& field : event.fields) {
        if (field.name.empty()) continue;
        if (!text.empty()) text += "; ";
        text += quoted(field.name) + " " + std::string(name_of(field.type));
        if (field.role != Role::Number) text += " " + std::string(name_of(field.role));
        text += since_and_before(field, event.since);
    }
    constexpr const char* kTails[] = {"", "text, u8 length", "text, u16 length", "data, u32 length", "never sent"};
    const char* const tail = kTails[static_cast<std::size_t>(event.tail)];
    return text + (text.empty() || *tail == '\0' ? "" : "; ") + tail;
}

std::string tell_treatment(const Group& group) {
    if (group.treatment == Treatment::Silent) return "";
    return std::string(group.name) + (group.treatment == Treatment::Counted ? ", counted" : "");
}

constexpr const char* kHead = R"(# The events on the wire

<!-- Written by tests/native/wire_table.cpp (`make docs`) from the table in cpp/protocol/schema_tables.hpp. -->

Each event starts with a byte, its number, which differs from protocol to protocol. Its fields follow, packed and little
endian, and then, for some, a length and a text or data.

A time may be a whole "tick", or the difference to the last one of its kind: "thread time" to the last on the selected
thread, "serial time" to the last in the queue that all threads share, "switch time" to the last context switch, wake-up or
sample, "GPU time" to the last of a GPU. A "zone time" is a thread time, and a "sample time" a switch time, that protocol 82
sends in the smallest of three forms. For a "thread", a "location" and a "text" the viewer asks.

The columns with numbers are protocols. The last column says what `tracypy capture` makes of an event; what is "counted" has no
place in a trace yet.

)";

constexpr const char* kUses[] = {"", "a text", "two texts", "a location"};

}  // namespace

int main() {
    std::string page = kHead;
    page += "| event |";
    std::string rule = "|---|";
    for (const Dialect& dialect : kDialects) {
        page += " " + std::to_string(dialect.protocol) + " |";
        rule += "---|";
    }
    page += " sent ahead | fields, and what follows | kind |\n" + rule + "---|---|---|\n";
    for (std::size_t i = 0; i < kWireEventCount; ++i) {
        const auto event = static_cast<WireEvent>(i);
        const WireEventFacts& facts = row_of(event);
        page += "| " + quoted(facts.name) + " |";
        for (const Dialect& dialect : kDialects) {
            page += dialect.has(event) ? " " + std::to_string(dialect.number(event)) + " |" : " |";
        }
        page += " " + std::string(kUses[static_cast<std::size_t>(facts.takes)]) + " | " + tell_fields(facts) + " | " +
                tell_treatment(facts.group) + " |\n";
    }
    std::fputs(page.c_str(), stdout);
    return 0;
}
