// Draws the curves that tracypy has by itself, ten times a second, from the thread that drains.
#pragma once

#include <cstdint>

#include "cpython/built_in_plots.hpp"
#include "events/event_sink.hpp"

namespace tracypy::process {

/// One thread at a time: the drain.
class PlotSampler {
public:
    /// Hands to `sink` what there is to draw at this moment: most of the time nothing, at no cost. To be called during
    /// a session, whose epoch is `epoch`.
    void sample(events::EventSink& sink, std::uint64_t epoch);

private:
    void start(std::int64_t now_ns);
    void measure(events::EventSink& sink, cpython::PlotSet wanted, std::int64_t now_ns);
    void measure_cpu(events::EventSink& sink, std::int64_t now_ns);

    std::uint64_t epoch_ = 0;
    std::int64_t measured_ns_ = 0;
    std::int64_t cpu_at_ns_ = 0;  // the last reading of the processor time, and when
    std::int64_t cpu_ns_ = 0;
};

}  // namespace tracypy::process
