// Events that a trace has no place for. Their rows say what is to be done all the same: a real viewer would move its
// running times, ask for threads, locations and texts, and use up what was sent ahead.
#pragma once

#include <cstddef>
#include <utility>

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

template <WireEvent kEvent, std::size_t kSlot>
void skip_field(DecoderState& state, const Incoming<kEvent>& event) {
    constexpr Role kRole = field_at(kEvent, kSlot).role;
    if (!event.template has_slot<kSlot>()) return;
    if constexpr (reference_of(kRole) != TimeReference::None || kRole == Role::AbsoluteTime) {
        (void)state.tick_at<kEvent, kSlot>(event);
    } else if constexpr (kRole == Role::Thread) {
        (void)state.threads.notice(event.template at<kSlot>());
    } else if constexpr (kRole == Role::Location) {
        (void)state.names.location(event.template at<kSlot>());
    } else if constexpr (kRole == Role::Text) {
        (void)state.names.text(event.template at<kSlot>());
    }
}

template <WireEvent kEvent>
void skip(DecoderState& state, const Incoming<kEvent>& event) {
    constexpr Treatment kTreatment = row_of(kEvent).group.treatment;
    if constexpr (kTreatment == Treatment::Counted || kTreatment == Treatment::Captured) {
        state.unsupported.count(kEvent);
    }
    state.drop(row_of(kEvent).takes);
    [&]<std::size_t... kSlots>(std::index_sequence<kSlots...>) {
        (skip_field<kEvent, kSlots>(state, event), ...);
    }(std::make_index_sequence<slots_of(kEvent)>{});
}

}  // namespace tracypy::protocol::kinds
