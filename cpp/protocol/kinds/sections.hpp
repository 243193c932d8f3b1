// Sections, in and out: parts of the whole program's run.
#pragma once

#include <string_view>

#include "events/event_sink.hpp"
#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// Of the selected thread, by whose time it goes. A viewer that has no sections gets a message, which is the thread's.
void write_section_edge(Encoder& encoder, const events::SectionEdge& edge, std::string_view text);
void write_section_category(Encoder& encoder, const events::SectionCategory& category, std::string_view text);

inline bool has_sections(const Encoder& encoder) noexcept {
    return encoder.dialect().has(WireEvent::SectionEnter);
}

/// One thread. Throws PeerError on a begin without its text.
class SectionDecoder {
public:
    explicit SectionDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::SectionEnter>& event);
    void on(const Incoming<WireEvent::SectionLeave>& event);
    void on(const Incoming<WireEvent::SectionSetup>& event);

private:
    DecoderState& state_;
};

}  // namespace tracypy::protocol::kinds
