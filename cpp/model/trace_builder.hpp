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
#include "events/thread_walk.hpp"
#include "model/tables_sink.hpp"
#include "model/trace.hpp"

namespace tracypy::model {

/// One thread. `names` must outlive it.
class TraceBuilder final : public TablesSink {
public:
    /// `start` is the tick that becomes time 0.
    TraceBuilder(const base::Names& names, base::Ticks start) : TablesSink(names, start), start_(start) {}

    void thread_batch(const events::ThreadBatch& batch) override;

    /// The first frames of the default set, in place of two at `start`. Once, at any time.
    void start_frames(std::span<const base::Ticks> ticks) { tables_.start_frames(ticks); }

    TraceTables& tables() noexcept { return tables_; }

    enum class OpenZones : std::uint8_t { End, Keep };

    /// Hands the model over; the builder is spent. Zones that are open end at `now`, or stay open for ever. `info`:
    /// what the caller knows of program and machine; ns_per_tick in it is the scale, last_time_ns what is known to be
    /// last.
    Trace finish(base::Ticks now, TraceInfo info, OpenZones open_zones = OpenZones::End);

private:
    struct OpenThread {
        std::uint32_t index;  // in the trace's threads
        events::CapturedWalk walk;
        std::vector<std::uint32_t> open;  // zones, innermost last
    };
    class Visitor;

    OpenThread& thread_of(base::ThreadId id);

    base::Ticks start_;
    std::unordered_map<base::ThreadId, OpenThread> threads_;
};

}  // namespace tracypy::model
