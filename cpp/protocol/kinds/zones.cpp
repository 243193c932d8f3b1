#include "protocol/kinds/zones.hpp"

#include <string>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

using events::Kind;
using events::Word;

void ZoneDecoder::flush() {
    if (!batch_.empty()) state_.sink.thread_batch({batch_thread_, batch_});
    batch_.clear();
    batch_thread_ = base::ThreadId::None;
}

void ZoneDecoder::begin(base::Ticks tick, base::SourceLocationId location) {
    CapturedRow& row = state_.current("a zone");
    open_batch(row);
    batch_.push_back(events::header(Kind::ZoneBegin, static_cast<Word>(tick)));
    batch_.push_back(static_cast<Word>(location));
    ++row.open_zones;
    ++zones_;
    if (row.is_validated) [[unlikely]] {
        row.validations.push_back(row.next_validation);
        row.next_validation = 0;
    }
}

void ZoneDecoder::end(CapturedRow& row, base::Ticks tick) {
    open_batch(row);
    batch_.push_back(events::header(Kind::ZoneEnd, static_cast<Word>(tick)));
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

void ZoneDecoder::add_text(Kind kind, const char* what) {
    const CapturedRow& row = innermost(what);
    const std::string text = state_.take_text(what);
    open_batch(row);
    batch_.push_back(events::header(kind, text.size()));
    const std::size_t first = batch_.size();
    batch_.resize(first + events::words_for_bytes(text.size()));
    put_bytes(reinterpret_cast<char*>(batch_.data() + first), text.data(), text.size());
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneText>&) {
    add_text(Kind::ZoneText, "a zone's text");
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneName>&) {
    add_text(Kind::ZoneName, "a zone's name");
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneColor>& event) {
    open_batch(innermost("a zone's colour"));
    batch_.push_back(events::header(Kind::ZoneColor, event.get<"color">()));
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneValue>& event) {
    open_batch(innermost("a zone's value"));
    batch_.push_back(events::header(Kind::ZoneValue, 0));
    batch_.push_back(event.get<"value">());
}

void ZoneDecoder::on(const Incoming<WireEvent::ZoneValidation>& event) {
    CapturedRow& row = state_.current("a zone's number");
    if (!row.is_validated) row.validations.assign(row.open_zones, 0);
    row.is_validated = true;
    row.next_validation = event.get<"id">();
}

}  // namespace tracypy::protocol::kinds
