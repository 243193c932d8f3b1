#include "protocol/kinds/messages.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

// Metadata: the source in the lower half of the byte, the severity in the upper one.

void write_message(Encoder& encoder, const events::Message& message) {
    const auto severity = static_cast<std::uint8_t>(message.severity);
    const auto metadata = static_cast<std::uint8_t>(severity << 4 | static_cast<std::uint8_t>(message.source));
    encoder.single_string(message.text);
    if (message.color == 0) return encoder.write<WireEvent::Message>(message.tick, metadata);
    encoder.write<WireEvent::MessageColor>(message.tick, message.color, metadata);
}

void MessageDecoder::add(events::Message message, std::uint8_t metadata) {
    message.source = static_cast<events::MessageSource>(metadata & 15);
    message.severity = static_cast<events::Severity>(metadata >> 4);
    if (message.source > events::kLast<events::MessageSource> || message.severity > events::kLast<events::Severity>) {
        throw PeerError("a message of unknown source and severity " + std::to_string(metadata));
    }
    state_.batch.add(state_.current("a message").id, message);
}

}  // namespace tracypy::protocol::kinds
