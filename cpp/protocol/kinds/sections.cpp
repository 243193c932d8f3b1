#include "protocol/kinds/sections.hpp"

#include <string>

#include "protocol/kinds/messages.hpp"

namespace tracypy::protocol::kinds {

void write_section_edge(Encoder& encoder, const events::SectionEdge& edge, std::string_view text) {
    if (!has_sections(encoder)) {
        const std::string line = (edge.is_end ? "end of section: " : "section: ") + std::string(text);
        return write_message(encoder, {.tick = edge.ticks, .color = 0, .text = line});
    }
    if (edge.is_end) return encoder.write<WireEvent::SectionLeave>(edge.ticks, edge.section);
    encoder.single_string(text);
    encoder.write<WireEvent::SectionEnter>(edge.ticks, edge.section, edge.category);
}

void write_section_category(Encoder& encoder, const events::SectionCategory& category, std::string_view text) {
    if (!has_sections(encoder)) return;
    encoder.single_string(text);
    encoder.write<WireEvent::SectionSetup>(category.category);
}

// They are no thread's: only its time is used.
void SectionDecoder::on(const Incoming<WireEvent::SectionEnter>& event) {
    events::SectionEdge edge{.ticks = state_.tick_of(event), .section = event.get<"id">()};
    edge.category = event.get<"category">();
    edge.text = state_.trace_names.keep(state_.take_text("a section"));
    state_.sink.take({&edge, 1});
}

void SectionDecoder::on(const Incoming<WireEvent::SectionLeave>& event) {
    events::SectionEdge edge{.ticks = state_.tick_of(event), .section = event.get<"id">()};
    edge.is_end = true;
    state_.sink.take({&edge, 1});
}

// Tracy's own client repeats the name of a category without its text to viewers that come later.
void SectionDecoder::on(const Incoming<WireEvent::SectionSetup>& event) {
    if (!state_.is_within_event()) return;
    const events::SectionCategory category{event.get<"category">(),
                                           state_.trace_names.keep(state_.take_text("a section"))};
    state_.sink.take({&category, 1});
}

}  // namespace tracypy::protocol::kinds
