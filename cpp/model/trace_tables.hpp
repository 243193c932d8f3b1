// Everything of a trace but the zones themselves, filled event by event: texts, locations, threads, frames, messages,
// and what a few zones have besides their times.
//
// Ids become names at the end: then every name has come that had to be asked for.
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
#include "model/gpu_builder.hpp"
#include "model/image_builder.hpp"
#include "model/lock_order.hpp"
#include "model/memory_builder.hpp"
#include "model/section_builder.hpp"
#include "model/time_scale.hpp"
#include "model/trace.hpp"

namespace tracypy::model {

/// One thread. `names` must outlive it. Until finish() the tables hold ticks, and what has a name has none yet.
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

    /// The index of its row, a new one if it has none yet.
    std::uint32_t thread_of(base::ThreadId id);
    // About a zone. `extra`: what it has so far, 0 for nothing.
    void detail(const events::ZoneText& text, std::uint32_t& extra);
    void detail(const events::ZoneName& name, std::uint32_t& extra);
    void detail(const events::ZoneValue& value, std::uint32_t& extra);
    void detail(const events::ZoneColor& color, std::uint32_t& extra);
    void detail(const events::ZoneBeginCallstack& zone, std::uint32_t& extra);
    // What happened on a thread beside its zones.
    void moment(const events::Message& message, std::uint32_t thread);
    void moment(const events::FiberEnter& run, std::uint32_t thread);
    void moment(const events::FiberLeave& run, std::uint32_t thread);
    // What belongs to no thread.
    void take(const events::FrameMark& mark);
    void take(const events::PlotPoint& point);
    void take(const events::MemoryStep& step);
    void take(const events::PlotStyle& style);
    void take(const events::LockEvent& event);
    void take(const events::LockAnnounce& lock);
    void take(const events::SectionEdge& edge);
    void take(const events::SectionCategory& category) { sections_.take(category); }
    void take(const events::FrameImage& image) {
        if (!images_.take(image)) ++dropped_events_;
    }
    void take(const events::GpuStep& step);
    void take(const events::GpuContext& context) { gpus_.take(context); }
    void take(const events::Parameter&) noexcept {}  // files have no place for them
    void take(const events::ThreadFacts& facts);
    void take(const events::AppInfo& line) { trace_.app_info.push_back(text_of(line.text)); }
    /// What a captured program says of its locks is taken as it is, as viewers do: it may have tried to obtain one
    /// without a wait, and two of its threads may tell of one moment in the other order.
    void take_locks_as_told() noexcept { takes_locks_as_told_ = true; }
    Lock* lock_of(std::uint32_t id);  // null: it was not announced
    TextId text_of(base::StringId id);
    std::uint32_t callstack_of(base::CallstackId id);
    void take(const events::ProgramText& text) { program_name_ = text.text; }  // there is only the name
    /// In place of the first two of the default set, which are at `start`. Once.
    void start_frames(std::span<const base::Ticks> ticks);
    void count_dropped() noexcept { ++dropped_events_; }

    Trace& trace() noexcept { return trace_; }
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

    /// What grows with the program, roughly: messages, frames, texts, and what zones have besides their times.
    std::size_t memory_bytes() const noexcept;

    /// Names everything, turns ticks into nanoseconds and hands the trace over; last_time_ns is that of all but zones,
    /// or what `info` has if that is later. `info`: what the caller knows; ns_per_tick in it is the scale.
    Trace finish(TraceInfo info);

private:
    LocationIndex new_location(std::uint64_t id);
    std::uint32_t frame_of(base::StackFrameId id);
    ZoneExtra& extra_of(std::uint32_t& extra);
    void add_zone_text(ZoneExtra& extra, std::string_view text);
    FrameSet& frame_set_of(const events::FrameMark& mark);
    Plot& plot_of(base::StringId name);
    void name_all();
    void name_sections();
    void name_native();
    void finish_gpus(const TimeScale& to_ns);
    void name_program();
    void scale_times(const TimeScale& to_ns);
    void sort_by_time();

    const base::Names& names_;
    base::Ticks start_;
    Trace trace_;
    std::vector<base::ThreadId> thread_ids_;                     // by index of the thread
    std::unordered_map<base::ThreadId, std::uint32_t> threads_;  // that index
    std::vector<LocationIndex> locations_;                       // by SourceLocationId; index + 1, 0: not seen yet
    std::vector<base::SourceLocationId> location_ids_;           // by LocationIndex
    std::unordered_map<std::uint64_t, std::size_t> frame_sets_;  // by StringId << 1 | continuous
    std::vector<base::StringId> frame_set_names_{base::StringId::None};
    std::unordered_map<base::StringId, std::size_t> plots_;
    std::vector<base::StringId> plot_names_;
    std::unordered_map<std::uint32_t, std::size_t> locks_;  // by their number: in the trace
    std::vector<LockOrder> lock_orders_;                    // by the same index
    MemoryBuilder memory_;
    SectionBuilder sections_;
    std::unordered_map<base::CallstackId, std::uint32_t> callstacks_;  // the index of each
    std::unordered_map<base::StackFrameId, std::uint32_t> stack_frames_;
    std::vector<base::StackFrame> frame_contents_;  // by that index
    ImageBuilder images_;
    GpuBuilder gpus_;
    std::unordered_map<std::size_t, base::StringId> literals_;  // of messages, by their index
    base::StringId program_name_ = base::StringId::None;        // None: that of the recording
    bool takes_locks_as_told_ = false;
    std::uint64_t fibers_ = 0;
    std::size_t runs_ = 0;  // of all fibers
    std::uint64_t dropped_events_ = 0;
};

}  // namespace tracypy::model
