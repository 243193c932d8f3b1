// Messages, in and out.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// Of the selected thread; it has its text. `has_callstack`: that has been written just before.
void write_message(Encoder& encoder, const events::Message& message, bool has_callstack = false);

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
        const std::string text = state_.take_text("a message");
        add({state_.tick_of(event), color_of(event), text}, metadata, has_callstack(kEvent));
    }
    // Since protocol 79 the lowest byte of the text's number holds source and severity.
    template <WireEvent kEvent>
        requires(is_literal_message(kEvent))
    void on(const Incoming<kEvent>& event) {
        const std::uint64_t text = event.template get<"text">();
        const bool is_tagged = state_.dialect.tagged_addresses;
        events::Message message{state_.tick_of(event), color_of(event)};
        message.literal = state_.names.text(is_tagged ? text >> 8 : text);
        add(message, is_tagged ? static_cast<std::uint8_t>(text) : kPlainMetadata, has_callstack(kEvent));
    }

private:
    /// A message of the program for its user, where a dialect cannot say more.
    static constexpr std::uint8_t kPlainMetadata = static_cast<std::uint8_t>(events::Severity::Info) << 4;

    template <WireEvent kEvent>
    static std::uint32_t color_of(const Incoming<kEvent>& event) noexcept {
        if constexpr (Incoming<kEvent>::template slot<"color">() != kMaxFields) {
            return event.template get<"color">();
        } else {
            return 0;
        }
    }
    static constexpr bool has_callstack(WireEvent event) noexcept {
        using enum WireEvent;
        return event == MessageCallstack || event == MessageColorCallstack || event == MessageLiteralCallstack ||
               event == MessageLiteralColorCallstack;
    }
    void add(events::Message message, std::uint8_t metadata, bool has_stack);

    DecoderState& state_;
};

}  // namespace tracypy::protocol::kinds
