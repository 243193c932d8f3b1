// The seam: whoever wants to know what happened implements this.
#pragma once

#include <span>

#include "events/event.hpp"

namespace tracypy::events {

/// Called by one thread (the drain), never concurrently. The words are valid during the call only.
///
/// A sink says for every kind what it does with it: nothing is left out by default.
class EventSink {
public:
    virtual ~EventSink() = default;

    virtual void thread_batch(const ThreadBatch& batch) = 0;

    /// Kinds of events that have an order over all threads: none so far.
    virtual void ordered_events(std::span<const OrderedEvent> events) = 0;

#define TRACYPY_TAKE(number, name, fields) virtual void take(std::span<const name> events) = 0;
    TRACYPY_SHARED_EVENTS(TRACYPY_TAKE, )
    TRACYPY_DEFINITIONS(TRACYPY_TAKE, )
#undef TRACYPY_TAKE
};

/// A sink that does the same with every kind that belongs to no thread: Self::take_any(span), which may have overloads.
template <typename Self>
class UniformSink : public EventSink {
public:
    void ordered_events(std::span<const OrderedEvent>) override {}  // none so far
#define TRACYPY_TAKE(number, name, fields)             \
    void take(std::span<const name> events) override { \
        static_cast<Self*>(this)->take_any(events);    \
    }
    TRACYPY_SHARED_EVENTS(TRACYPY_TAKE, )
    TRACYPY_DEFINITIONS(TRACYPY_TAKE, )
#undef TRACYPY_TAKE
};

}  // namespace tracypy::events
