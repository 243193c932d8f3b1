#include "protocol/kinds/zones.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

void ZoneDecoder::begin(base::Ticks tick, base::SourceLocationId location, bool has_stack) {
    CapturedRow& row = state_.current("a zone");
    const base::CallstackId callstack = has_stack ? state_.take_callstack(row) : base::CallstackId::None;
    if (callstack == base::CallstackId::None) {
        state_.batch.add(row.id, events::ZoneBegin{tick, location});
    } else {
        state_.batch.add(row.id, events::ZoneBeginCallstack{tick, location, callstack});
    }
    ++row.open_zones;
    ++zones_;
    if (row.is_validated) [[unlikely]] {
        row.validations.push_back(row.next_validation);
        row.next_validation = 0;
    }
}

void ZoneDecoder::end(CapturedRow& row, base::Ticks tick) {
    state_.batch.add(row.id, events::ZoneEnd{tick});
    --row.open_zones;
    if (row.is_validated) [[unlikely]] {
        row.validations.pop_back();
    }
}

CapturedRow& ZoneDecoder::innermost(const char* what) {
    CapturedRow& row = state_.current(what);
    if (row.open_zones == 0) {
        throw PeerError(std::string(what) + " with no zone open on row " + std::to_string(row.number));
    }
    if (row.is_validated) [[unlikely]] {
        validate(row, what);
    }
    return row;
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
