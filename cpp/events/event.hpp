// What a source of events hands to a sink: the words of a thread's events, and what belongs to no thread.
#pragma once

#include <span>

#include "base/ids.hpp"
#include "events/words.hpp"

namespace tracypy::events {

/// Consecutive events of one row, a thread or a fiber; whole events only, oldest first.
struct ThreadBatch {
    base::ThreadId thread;
    std::span<const Word> words;
    /// Of a fiber: the thread that it runs on. None: `thread` is that thread itself, or it does not matter.
    base::ThreadId carrier = base::ThreadId::None;
};

/// One of the events of all threads that have an order among each other: ticks never decrease from one to the next.
struct OrderedEvent {
    base::Ticks tick;
    base::ThreadId thread;
    std::span<const Word> words;  // as in a ThreadBatch, one event
};

}  // namespace tracypy::events
