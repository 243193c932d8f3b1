#include "protocol/kinds/zones.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

void ZoneDecoder::refuse_end(const CapturedRow& row, const char* what) {
    throw PeerError(std::string(what) + " with no zone open on row " + std::to_string(row.number));
}

void ZoneDecoder::validate(CapturedRow& row, const char* what) {
    if (row.next_validation != row.validations.back()) {
        throw PeerError(std::string(what) + " that belongs to another zone than the innermost, on row " +
                        std::to_string(row.number));
    }
    row.next_validation = 0;
}

template <events::ZoneDetail Event>
void ZoneDecoder::add_text(const char* what) {
    const CapturedRow& row = innermost(what);
    const std::string text = state_.take_text(what);
    state_.batch.add(row.id, Event{text});
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneText>&) {
    add_text<events::ZoneText>("a zone's text");
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneName>&) {
    add_text<events::ZoneName>("a zone's name");
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneColor>& event) {
    state_.batch.add(innermost("a zone's colour").id, events::ZoneColor{event.get<"color">()});
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneValue>& event) {
    state_.batch.add(innermost("a zone's value").id, events::ZoneValue{event.get<"value">()});
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneValidation>& event) {
    CapturedRow& row = state_.current("a zone's number");
    if (!row.is_validated) row.validations.assign(row.open_zones, 0);
    row.is_validated = true;
    row.next_validation = event.get<"id">();
}

}  // namespace tracypy::protocol::kinds
