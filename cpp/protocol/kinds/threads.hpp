// Which thread or fiber the events belong to, and how the rows are called and grouped.
#pragma once

#include "protocol/decoder_state.hpp"

namespace tracypy::protocol::kinds {

/// One thread. Throws PeerError when a thread leaves a fiber that it does not run, and on a name not asked for.
class ThreadDecoder {
public:
    explicit ThreadDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::ThreadContext>& event) { state_.select(event.get<"thread">()); }
    void on(const Incoming<WireEvent::FiberEnter>& event) {
        const base::Ticks tick = state_.tick_of(event);
        const CapturedThreads::Switch change =
            state_.threads.enter(event.get<"fiber">(), event.get<"thread">(), event.get_or<"hint">(0));
        if (change.before != base::ThreadId::None) state_.batch.add(change.before, events::FiberLeave{tick});
        state_.batch.add(change.fiber, events::FiberEnter{tick, change.fiber, change.thread});
    }
    void on(const Incoming<WireEvent::FiberLeave>& event) {
        const base::Ticks tick = state_.tick_of(event);
        state_.batch.add(state_.threads.leave(event.get<"thread">()), events::FiberLeave{tick});
    }
    void on(const Incoming<WireEvent::ThreadGroupHint>& event) {
        state_.threads.hint(event.get<"thread">(), event.get<"hint">());
    }
    void on(const Incoming<WireEvent::ThreadName>& event) {
        state_.threads.named(event.get<"pointer">(), event.tail());
    }
    void on(const Incoming<WireEvent::FiberName>& event) {
        state_.threads.fiber_named(event.get<"pointer">(), event.tail());
    }

private:
    DecoderState& state_;
};

}  // namespace tracypy::protocol::kinds
