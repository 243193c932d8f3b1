// A sink that takes events and keeps none.
#pragma once

#include "events/event_sink.hpp"

namespace tracypy::events {

class NullSink final : public EventSink {
public:
    void thread_batch(const ThreadBatch&) override {}
    void frame_marks(std::span<const FrameMark>) override {}
};

}  // namespace tracypy::events
