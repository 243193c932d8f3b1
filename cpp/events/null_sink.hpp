// A sink that takes events and keeps none; and the base of those that look at one kind and want none of the others.
#pragma once

#include "events/event_sink.hpp"

namespace tracypy::events {

class NullSink : public UniformSink<NullSink> {
public:
    void thread_batch(const ThreadBatch&) override {}
    template <typename Event>
    void take_any(std::span<const Event>) noexcept {}
};

}  // namespace tracypy::events
