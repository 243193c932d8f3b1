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
};

}  // namespace tracypy::events
