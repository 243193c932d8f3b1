// Events in, a model out: what a recording session hangs onto the recorder in place of a viewer.
//
// While events come in, the tables hold ticks; finish() turns them into nanoseconds at once, when the length of a tick
// is known best. What has no open zone to belong to is left out and counted, as the encoder does.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "model/trace.hpp"

namespace tracypy::model {

/// One thread. `names` must outlive it.
class TraceBuilder final : public events::EventSink {
public:
    /// `start` is the tick that becomes time 0.
    TraceBuilder(const base::Names& names, base::Ticks start);

    void thread_batch(const events::ThreadBatch& batch) override;
    void frame_marks(std::span<const events::FrameMark> marks) override;

    /// Ends whatever is open at `now` and hands the model over. The builder is spent. `info`: what the caller knows of
    /// program and machine; ns_per_tick in it is the scale.
    Trace finish(base::Ticks now, TraceInfo info);

    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

private:
    struct OpenThread {
        std::uint32_t index;  // in trace_.threads
        base::Ticks last_tick;
        std::vector<std::uint32_t> open;  // zones, innermost last
    };

    OpenThread& thread_of(base::ThreadId id);
    LocationIndex location_of(std::uint64_t id);
    LocationIndex new_location(std::uint64_t id);
    TextId text_of(base::StringId id);
    void rare_event(const events::Word* event, OpenThread& thread);
    void message(base::Ticks tick, std::string_view text, std::uint32_t color, std::uint32_t thread);
    ZoneExtra& extra_of(Zone& zone);
    void add_zone_text(Zone& zone, std::string_view text);
    FrameSet& frame_set_of(const events::FrameMark& mark);
    void scale_times(double ns_per_tick);

    const base::Names& names_;
    base::Ticks start_;
    Trace trace_;
    std::unordered_map<base::ThreadId, OpenThread> threads_;
    std::vector<LocationIndex> locations_;                       // by SourceLocationId; index + 1, 0: not seen yet
    std::unordered_map<std::uint64_t, std::size_t> frame_sets_;  // by StringId << 1 | continuous
    std::uint64_t dropped_events_ = 0;
};

}  // namespace tracypy::model
