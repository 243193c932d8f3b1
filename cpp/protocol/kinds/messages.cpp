#include "protocol/kinds/messages.hpp"

#include <array>
#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

// Metadata: the source in the lower half of the byte, the severity in the upper one.

namespace {

// What a severity looks like in viewers that know of none; zero for the viewer's own colour.
constexpr std::array<std::uint32_t, events::kSeverityNames.size()> kSeverityColors{0x808080, 0xA0A0A0, 0,
                                                                                   0xFFB000, 0xFF4040, 0xFF00FF};

}  // namespace

void write_message(Encoder& encoder, const events::Message& message, bool has_callstack) {
    const auto severity = static_cast<std::uint8_t>(message.severity);
    const auto metadata = static_cast<std::uint8_t>(severity << 4 | static_cast<std::uint8_t>(message.source));
    const bool shows_severity = encoder.has_field<WireEvent::Message, "metadata">();
    const std::uint32_t color = message.color != 0 || shows_severity ? message.color : kSeverityColors[severity];
    encoder.single_string(message.text);
    if (has_callstack) {
        if (color == 0) return encoder.write<WireEvent::MessageCallstack>(message.tick, metadata);
        return encoder.write<WireEvent::MessageColorCallstack>(message.tick, color, metadata);
    }
    if (color == 0) return encoder.write<WireEvent::Message>(message.tick, metadata);
    encoder.write<WireEvent::MessageColor>(message.tick, color, metadata);
}

void MessageDecoder::add(events::Message message, std::uint8_t metadata, bool has_stack) {
    message.source = static_cast<events::MessageSource>(metadata & 15);
    message.severity = static_cast<events::Severity>(metadata >> 4);
    if (message.source > events::kLast<events::MessageSource> || message.severity > events::kLast<events::Severity>) {
        throw PeerError("a message of unknown source and severity " + std::to_string(metadata));
    }
    CapturedRow& row = state_.current("a message");
    if (has_stack) message.callstack = state_.take_callstack(row);
    state_.batch.add(row.id, message);
}

}  // namespace tracypy::protocol::kinds
