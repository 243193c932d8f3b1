// Messages, in and out.
#pragma once

#include <cstdint>
#include <string_view>

#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// Who speaks and how loud, for protocols that want to know (MessageSourceType and MessageSeverity).
enum class MessageMetadata : std::uint8_t { UserInfo = 2 << 4 | 0, TracyWarning = 3 << 4 | 1 };

/// Of the selected thread. `color`: 0xRRGGBB, 0 for the viewer's own.
void write_message(Encoder& encoder, base::Ticks tick, std::string_view text, std::uint32_t color,
                   MessageMetadata metadata);

constexpr bool is_message(WireEvent event) noexcept {
    using enum WireEvent;
    return event == Message || event == MessageColor || event == MessageCallstack || event == MessageColorCallstack;
}

constexpr bool is_literal_message(WireEvent event) noexcept {
    using enum WireEvent;
    return event == MessageLiteral || event == MessageLiteralColor || event == MessageLiteralCallstack ||
           event == MessageLiteralColorCallstack;
}

/// One thread. Throws PeerError on a message without its text, or of an unknown source or severity.
class MessageDecoder {
public:
    explicit MessageDecoder(DecoderState& state) : state_(state) {}

    template <WireEvent kEvent>
        requires(is_message(kEvent))
    void on(const Incoming<kEvent>& event) {
        const std::uint8_t metadata = event.template get_or<"metadata">(kPlainMetadata);
        const base::StringId text = state_.trace_names.strings.intern(state_.take_text("a message"));
        add(state_.tick_of(event), color_of(event), metadata, text);
    }
    // Since protocol 79 the lowest byte of the text's number holds source and severity.
    template <WireEvent kEvent>
        requires(is_literal_message(kEvent))
    void on(const Incoming<kEvent>& event) {
        const std::uint64_t text = event.template get<"text">();
        const bool is_tagged = state_.dialect.tagged_addresses;
        add(state_.tick_of(event), color_of(event), is_tagged ? static_cast<std::uint8_t>(text) : kPlainMetadata,
            state_.names.text(is_tagged ? text >> 8 : text));
    }

private:
    /// A message of the program for its user, where a dialect cannot say more.
    static constexpr auto kPlainMetadata = static_cast<std::uint8_t>(MessageMetadata::UserInfo);

    template <WireEvent kEvent>
    static std::uint32_t color_of(const Incoming<kEvent>& event) noexcept {
        if constexpr (Incoming<kEvent>::template slot<"color">() != kMaxFields) {
            return event.template get<"color">();
        } else {
            return 0;
        }
    }
    void add(base::Ticks tick, std::uint32_t color, std::uint8_t metadata, base::StringId text);

    DecoderState& state_;
};

}  // namespace tracypy::protocol::kinds
