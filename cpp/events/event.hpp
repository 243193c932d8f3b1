// What goes from a source of events to a sink: batches of a thread's words, and what belongs to no thread.
#pragma once

#include <cstdint>
#include <span>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/words.hpp"

namespace tracypy::events {

/// Consecutive events of one thread; whole events only, oldest first.
struct ThreadBatch {
    base::ThreadId thread;
    std::span<const Word> words;
};

/// One of the events of all threads that have an order among each other: ticks never decrease from one to the next.
struct OrderedEvent {
    base::Ticks tick;
    base::ThreadId thread;
    std::span<const Word> words;  // as in a ThreadBatch, one event
};

/// Marks belong to no thread; all of them, from every thread, come in the order of their ticks.
struct FrameMark {
    enum class Kind : std::uint8_t { Continuous, Start, End };
    base::Ticks ticks;
    base::StringId name;  // None: the default set of frames (Continuous only)
    Kind kind;
};

/// A line of the log that comes by itself, in no order, not among its thread's events.
struct LooseMessage {
    base::ThreadId thread;
    base::Ticks ticks;
    base::StringId text;
    std::uint32_t color;    // 0xRRGGBB, zero for none
    std::uint8_t source;    // 0 the program, 1 its profiler
    std::uint8_t severity;  // 0 trace, 1 debug, 2 information, 3 warning, 4 error, 5 fatal
};

/// A point of a curve. Curves belong to no thread; their points come in no order.
struct PlotPoint {
    base::Ticks ticks;
    base::StringId plot;
    double value;
};

/// How a curve wants to be drawn.
struct PlotStyle {
    enum class Format : std::uint8_t { Number, Memory, Percentage, Watt };
    base::StringId plot;
    Format format;
    bool shows_steps;
    bool is_filled;
    std::uint32_t color;  // 0xRRGGBB, zero for none
};

/// What a row is, where that is more than its name and its number.
struct ThreadFacts {
    base::ThreadId thread;
    std::uint64_t id;  // the system's number, or a fiber's
    bool is_fiber;
    std::int32_t group_hint;  // rows of one group stand together
};

}  // namespace tracypy::events
