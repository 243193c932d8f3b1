// Locks of a captured program, in.
#pragma once

#include <string>
#include <unordered_map>

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

constexpr bool is_lock_step(WireEvent event) noexcept {
    using enum WireEvent;
    return event == LockWait || event == LockObtain || event == LockRelease || event == LockSharedWait ||
           event == LockSharedObtain || event == LockSharedRelease;
}

/// One thread.
class LockDecoder {
public:
    explicit LockDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::LockAnnounce>& event) {
        const events::LockAnnounce lock{event.get<"id">(), state_.past_tick(event.get<"time">()),
                                        state_.names.location(event.get<"location">()), event.get<"kind">() != 0};
        state_.sink.take({&lock, 1});
    }
    void on(const Incoming<WireEvent::LockTerminate>& event) {
        state_.take(events::LockEnd{state_.past_tick(event.get<"time">()), event.get<"id">()}, kUnknown);
    }
    void on(const Incoming<WireEvent::LockName>& event) {
        const std::string name = state_.take_text("a lock's name");
        state_.take(events::LockName{event.get<"id">(), state_.trace_names.keep(name)}, kUnknown);
    }
    void on(const Incoming<WireEvent::LockMark>& event) {
        const base::SourceLocationId location = state_.names.location(event.get<"location">());
        const CapturedRow* const row = state_.threads.find(event.get<"thread">());
        if (row == nullptr) return state_.unsupported.count_misfit(kUnknown);
        state_.take(events::LockMark{state_.last_tick(), event.get<"id">(), row->id, location}, kUnknown);
    }
    // Only who holds a lock can release it: that is not said again.
    template <WireEvent kEvent>
        requires(is_lock_step(kEvent))
    void on(const Incoming<kEvent>& event) {
        events::LockEvent step{.ticks = state_.tick_of(event), .lock = event.template get<"id">()};
        step.kind = kind_of(kEvent);
        const auto [holder, is_new] = holders_.try_emplace(step.lock, base::ThreadId::None);
        if (is_new) state_.note_thing();
        if constexpr (kEvent == WireEvent::LockRelease) {
            step.thread = holder->second;
        } else {
            step.thread = state_.threads.notice(event.template get<"thread">()).id;
        }
        if (kEvent == WireEvent::LockObtain) holder->second = step.thread;
        if (step.thread == base::ThreadId::None) return state_.unsupported.count_misfit(kUnknown);
        state_.sink.take({&step, 1});
    }

private:
    static constexpr std::string_view kUnknown = "events of unknown locks";

    static constexpr events::LockEventKind kind_of(WireEvent event) noexcept {
        using Kind = events::LockEventKind;
        switch (event) {
            case WireEvent::LockWait:
                return Kind::Wait;
            case WireEvent::LockObtain:
                return Kind::Obtain;
            case WireEvent::LockRelease:
                return Kind::Release;
            case WireEvent::LockSharedWait:
                return Kind::WaitShared;
            case WireEvent::LockSharedObtain:
                return Kind::ObtainShared;
            default:
                return Kind::ReleaseShared;
        }
    }
    DecoderState& state_;
    std::unordered_map<std::uint32_t, base::ThreadId> holders_;
};

}  // namespace tracypy::protocol::kinds
