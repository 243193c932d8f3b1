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

    /// Ends whatever is open at `now` and hands the model over. The builder is spent. `info`: what the caller knows of
    /// program and machine; ns_per_tick in it is the scale.
    Trace finish(base::Ticks now, TraceInfo info);

    std::uint64_t dropped_events() const noexcept { return tables_.dropped_events(); }

private:
    struct OpenThread {
        std::uint32_t index;  // in the trace's threads
        base::Ticks last_tick;
        std::vector<std::uint32_t> open;  // zones, innermost last
    };

    OpenThread& thread_of(base::ThreadId id);
    void rare_event(const events::Word* event, OpenThread& thread);

    TraceTables tables_;
    base::Ticks start_;
    std::unordered_map<base::ThreadId, OpenThread> threads_;
};

}  // namespace tracypy::model
