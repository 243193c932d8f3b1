// Everything of a trace but the zones themselves, filled event by event: texts, locations, threads, frames, messages,
// and what a few zones have besides their times.
//
// Whoever takes events (TraceBuilder, the maker of files from journals) follows the zones in a way of its own and
// leaves the rest to this, so that both make the same of the same events.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "events/event.hpp"
#include "model/time_scale.hpp"
#include "model/trace.hpp"

namespace tracypy::model {

/// One thread. `names` must outlive it. Until finish() the tables hold ticks.
class TraceTables {
public:
    TraceTables(const base::Names& names, base::Ticks start);

    LocationIndex location_of(std::uint64_t id) {
        const LocationIndex known = known_location(id);
        return known != kUnknown ? known : new_location(id);
    }
    /// kUnknown for one that location_of() never saw.
    LocationIndex known_location(std::uint64_t id) const noexcept {
        return id < locations_.size() ? locations_[id] - 1 : kUnknown;
    }
    static constexpr LocationIndex kUnknown = 0xFFFF'FFFF;

    /// A new row; its index.
    std::uint32_t add_thread(base::ThreadId id);
    void frame_marks(std::span<const events::FrameMark> marks);
    /// `event`: a whole Message. `tick`: its time.
    void message(const events::Word* event, base::Ticks tick, std::uint32_t thread);
    /// `event`: a whole text, name, value or colour. `extra`: what its zone has so far, 0 for nothing.
    void zone_detail(const events::Word* event, std::uint32_t& extra);
    void count_dropped() noexcept { ++dropped_events_; }

    Trace& trace() noexcept { return trace_; }
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

    /// Names the threads, turns ticks into nanoseconds and hands the trace over; last_time_ns is that of messages and
    /// frames. `info`: what the caller knows; ns_per_tick in it is the scale.
    Trace finish(TraceInfo info);

private:
    LocationIndex new_location(std::uint64_t id);
    TextId text_of(base::StringId id);
    void add_zone_text(ZoneExtra& extra, std::string_view text);
    FrameSet& frame_set_of(const events::FrameMark& mark);
    void scale_times(const TimeScale& to_ns);

    const base::Names& names_;
    base::Ticks start_;
    Trace trace_;
    std::vector<LocationIndex> locations_;                       // by SourceLocationId; index + 1, 0: not seen yet
    std::unordered_map<std::uint64_t, std::size_t> frame_sets_;  // by StringId << 1 | continuous
    std::uint64_t dropped_events_ = 0;
};

}  // namespace tracypy::model
