// Events in, a model out: what a recording session hangs onto the recorder in place of a viewer.
//
// While events come in, the tables hold ticks; finish() turns them into nanoseconds at once, when the length of a tick
// is known best. What has no open zone to belong to is left out and counted, as the encoder does.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "events/thread_walk.hpp"
#include "model/trace.hpp"
#include "model/trace_tables.hpp"

namespace tracypy::model {

/// One thread. `names` must outlive it.
class TraceBuilder final : public events::EventSink {
public:
    /// `start` is the tick that becomes time 0.
    TraceBuilder(const base::Names& names, base::Ticks start) : tables_(names, start), start_(start) {}

    void thread_batch(const events::ThreadBatch& batch) override;
    void frame_marks(std::span<const events::FrameMark> marks) override { tables_.frame_marks(marks); }
    void messages(std::span<const events::LooseMessage> messages) override;
    void plot_points(std::span<const events::PlotPoint> points) override { tables_.plot_points(points); }
    void plot_style(const events::PlotStyle& style) override { tables_.plot_style(style); }
    void thread_facts(const events::ThreadFacts& facts) override;

    /// The first frames of the default set, in place of two at `start`. Once, at any time.
    void start_frames(std::span<const base::Ticks> ticks) { tables_.start_frames(ticks); }

    enum class OpenZones : std::uint8_t { End, Keep };

    /// Hands the model over; the builder is spent. Zones that are open end at `now`, or stay open for ever. `info`:
    /// what the caller knows of program and machine; ns_per_tick in it is the scale, last_time_ns what is known to be
    /// last.
    Trace finish(base::Ticks now, TraceInfo info, OpenZones open_zones = OpenZones::End);

    std::uint64_t dropped_events() const noexcept { return tables_.dropped_events(); }

private:
    struct OpenThread {
        std::uint32_t index;  // in the trace's threads
        events::SteadyWalk walk;
        std::vector<std::uint32_t> open;  // zones, innermost last
    };
    class Visitor;

    OpenThread& thread_of(base::ThreadId id);

    TraceTables tables_;
    base::Ticks start_;
    std::unordered_map<base::ThreadId, OpenThread> threads_;
};

}  // namespace tracypy::model
