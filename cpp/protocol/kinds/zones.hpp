// Zones, and what belongs to the innermost one.
#pragma once

#include <cstdint>

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

constexpr bool is_zone_begin(WireEvent event) noexcept {
    using enum WireEvent;
    return event == ZoneBegin || event == ZoneBegin32 || event == ZoneBegin16 || event == ZoneBeginCallstack ||
           event == ZoneBeginCallstack32 || event == ZoneBeginCallstack16 || event == ZoneBeginAllocSrcLoc ||
           event == ZoneBeginAllocSrcLocCallstack;
}

constexpr bool has_callstack(WireEvent event) noexcept {
    using enum WireEvent;
    return event == ZoneBeginCallstack || event == ZoneBeginCallstack32 || event == ZoneBeginCallstack16 ||
           event == ZoneBeginAllocSrcLocCallstack;
}

constexpr bool is_zone_end(WireEvent event) noexcept {
    return event == WireEvent::ZoneEnd || event == WireEvent::ZoneEnd32 || event == WireEvent::ZoneEnd16;
}

/// One thread. Throws PeerError on an end without a begin, and on what belongs to no open zone.
class ZoneDecoder {
public:
    explicit ZoneDecoder(DecoderState& state) : state_(state) {}

    template <WireEvent kEvent>
        requires(is_zone_begin(kEvent))
    void on(const Incoming<kEvent>& event) {
        const base::Ticks tick = state_.tick_of(event);
        if constexpr (row_of(kEvent).takes == Takes::Location) {
            begin(tick, state_.take_location(), has_callstack(kEvent));
        } else {
            begin(tick, state_.names.location(event.template get<"location">()), has_callstack(kEvent));
        }
    }
    template <WireEvent kEvent>
        requires(is_zone_end(kEvent))
    void on(const Incoming<kEvent>& event) {
        CapturedRow& row = innermost("the end of a zone");
        end(row, state_.tick_of(event));
    }
    void on(const Incoming<WireEvent::ZoneText>& event);
    void on(const Incoming<WireEvent::ZoneName>& event);
    void on(const Incoming<WireEvent::ZoneColor>& event);
    void on(const Incoming<WireEvent::ZoneValue>& event);
    void on(const Incoming<WireEvent::ZoneValidation>& event);

    std::uint64_t zones() const noexcept { return zones_; }

private:
    void begin(base::Ticks tick, base::SourceLocationId location, bool has_stack) {
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
    void end(CapturedRow& row, base::Ticks tick) {
        state_.batch.add(row.id, events::ZoneEnd{tick});
        --row.open_zones;
        if (row.is_validated) [[unlikely]] {
            row.validations.pop_back();
        }
    }
    CapturedRow& innermost(const char* what) {
        CapturedRow& row = state_.current(what);
        if (row.open_zones == 0) [[unlikely]] {
            refuse_end(row, what);
        }
        if (row.is_validated) [[unlikely]] {
            validate(row, what);
        }
        return row;
    }
    [[noreturn]] static void refuse_end(const CapturedRow& row, const char* what);
    void validate(CapturedRow& row, const char* what);
    template <events::ZoneDetail Event>
    void add_text(const char* what);

    DecoderState& state_;
    std::uint64_t zones_ = 0;
};

}  // namespace tracypy::protocol::kinds
