#include "protocol/kinds/messages.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

void write_message(Encoder& encoder, base::Ticks tick, std::string_view text, std::uint32_t color,
                   MessageMetadata metadata) {
    encoder.single_string(text);
    if (color == 0) return encoder.write<WireEvent::Message>(tick, metadata);
    encoder.write<WireEvent::MessageColor>(tick, color, metadata);
}

void MessageDecoder::add(base::Ticks tick, std::uint32_t color, std::uint8_t metadata, base::StringId text) {
    constexpr std::uint8_t kSources = 2, kSeverities = 6;
    const auto source = static_cast<std::uint8_t>(metadata & 15), severity = static_cast<std::uint8_t>(metadata >> 4);
    if (source >= kSources || severity >= kSeverities) {
        throw PeerError("a message of unknown source and severity " + std::to_string(metadata));
    }
    const events::LooseMessage loose{state_.current("a message").id, tick, text, color, source, severity};
    state_.sink.messages({&loose, 1});
}

}  // namespace tracypy::protocol::kinds
