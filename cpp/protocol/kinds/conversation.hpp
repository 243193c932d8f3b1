// What makes the stream of events a conversation: texts sent ahead, answers to queries, the end.
#pragma once

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

/// One thread. Throws PeerError on an answer that was not asked for.
class ConversationDecoder {
public:
    explicit ConversationDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::SingleStringData>& event) { state_.send_ahead(event.tail()); }
    void on(const Incoming<WireEvent::SingleStringData8>& event) { state_.send_ahead(event.tail()); }
    void on(const Incoming<WireEvent::SourceLocationPayload>& event) {
        state_.send_ahead(state_.names.dynamic_location(event.tail()));
    }

    void on(const Incoming<WireEvent::StringData>& event) { answer(QueryKind::String, event); }
    void on(const Incoming<WireEvent::PlotName>& event) { answer(QueryKind::PlotName, event); }
    void on(const Incoming<WireEvent::FrameName>& event) { answer(QueryKind::FrameName, event); }
    void on(const Incoming<WireEvent::SourceLocation>& event) { state_.names.location_answered(event); }

    void on(const Incoming<WireEvent::Terminate>&) noexcept { has_terminated_ = true; }
    void on(const Incoming<WireEvent::Crash>&) noexcept { has_crashed_ = true; }

    bool has_terminated() const noexcept { return has_terminated_; }
    bool has_crashed() const noexcept { return has_crashed_; }

private:
    template <WireEvent kEvent>
    void answer(QueryKind kind, const Incoming<kEvent>& event) {
        state_.names.text_answered(kind, event.template get<"pointer">(), event.tail());
    }

    DecoderState& state_;
    bool has_terminated_ = false;
    bool has_crashed_ = false;
};

}  // namespace tracypy::protocol::kinds
