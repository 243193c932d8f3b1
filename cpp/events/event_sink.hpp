// The seam: whoever wants to know what happened implements this.
#pragma once

#include <span>

#include "events/event.hpp"

namespace tracypy::events {

/// Called by one thread (the drain), never concurrently. The words are valid during the call only.
class EventSink {
public:
    virtual ~EventSink() = default;

    virtual void thread_batch(const ThreadBatch& batch) = 0;
    virtual void frame_marks(std::span<const FrameMark> marks) = 0;

    /// Kinds of events that have an order over all threads: none so far.
    virtual void ordered_events(std::span<const OrderedEvent>) {}

    // What the recorder does not have yet, and a captured program may: a sink that has no place for it leaves it out.
    virtual void messages(std::span<const LooseMessage>) {}
    virtual void plot_points(std::span<const PlotPoint>) {}
    virtual void plot_style(const PlotStyle&) {}
    virtual void thread_facts(const ThreadFacts&) {}
};

}  // namespace tracypy::events
