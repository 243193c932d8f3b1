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
#include <functional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "events/event.hpp"
#include "model/gpu_builder.hpp"
#include "model/image_builder.hpp"
#include "model/lock_builder.hpp"
#include "model/machine_builder.hpp"
#include "model/memory_builder.hpp"
#include "model/native_builder.hpp"
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
    void take(const events::LockName& name) { count_unless(take_told(name)); }
    void take(const events::LockEnd& end) { count_unless(take_told(end)); }
    void take(const events::LockMark& mark) { count_unless(take_told(mark)); }
    // False: it fits nothing that came before.
    bool take_told(const events::LockName& name) { return locks_.take(name, trace_.locks); }
    bool take_told(const events::LockEnd& end) { return locks_.take(end, trace_.locks); }
    bool take_told(const events::LockMark& mark);
    void take(const events::SectionEdge& edge);
    void take(const events::SectionCategory& category) { sections_.take(category); }
    void take(const events::FrameImage& image) {
        if (!images_.take(image)) ++dropped_events_;
    }
    void take(const events::GpuStep& step);
    void take(const events::GpuContext& context) { gpus_.take(context); }
    void take(const events::GpuNote& note) { count_unless(gpus_.take(note)); }
    void take(const events::GpuNoteName& name) { count_unless(gpus_.take(name)); }
    // What system and processor tell, and the machine code.
    void take(const events::Sample& sample);
    void take(const events::CrashReport& report);
    bool take(const events::ProcessorPlace& place);  // false: it was there already
    void take(const events::ContextSwitch& change) { count_unless(machine_.take(change)); }
    void take(const events::ThreadWakeup& wakeup) { count_unless(machine_.take(wakeup)); }
    void take(const events::ThreadProcess& process) { (void)machine_.take(process); }
    void take(const events::HardwareSample& sample) { count_unless(machine_.take(sample)); }
    void take(const events::EnergyReading& reading) { count_unless(machine_.take(reading)); }
    void take(const events::ForeignThread& thread) { native_.take(thread); }
    void take(const events::Symbol& symbol) { native_.take(symbol); }
    void take(const events::SymbolCode& piece) { native_.take(piece); }
    void take(const events::SourceText& piece) { native_.take(piece); }
    void take(const events::SamplingPeriod& period) noexcept { sampling_period_ns_ = period.ns; }
    void take(const events::Parameter&) noexcept {}  // files have no place for them
    void take(const events::ThreadFacts& facts);
    void take(const events::AppInfo& line) { trace_.app_info.push_back(text_of(line.text)); }
    /// What a captured program says of its locks is taken as it is, as viewers do: it may have tried to obtain one
    /// without a wait, and two of its threads may tell of one moment in the other order.
    void take_locks_as_told() noexcept { locks_.take_as_told(); }
    MachineBuilder& machine() noexcept { return machine_; }
    TextId text_of(base::StringId id);
    std::uint32_t callstack_of(base::CallstackId id);
    void take(const events::ProgramText& text) { program_name_ = text.text; }  // there is only the name
    /// In place of the first two of the default set, which are at `start`. Once.
    void start_frames(std::span<const base::Ticks> ticks);
    void count_dropped() noexcept { ++dropped_events_; }

    base::SourceLocationId id_of(LocationIndex location) const noexcept { return location_ids_[location]; }
    Trace& trace() noexcept { return trace_; }
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

    /// What grows with the program, roughly: messages, frames, texts, and what zones have besides their times.
    std::size_t memory_bytes() const noexcept;

    /// Names everything, turns ticks into nanoseconds and hands the trace over; last_time_ns is that of all but zones,
    /// or what `info` has if that is later. `info`: what the caller knows; ns_per_tick in it is the scale.
    /// `has_zones`: of a thread by its index.
    Trace finish(TraceInfo info, const std::function<bool(std::size_t)>& has_zones);

private:
    LocationIndex new_location(std::uint64_t id);
    std::uint32_t frame_of(base::StackFrameId id);
    ZoneExtra& extra_of(std::uint32_t& extra);
    void add_zone_text(ZoneExtra& extra, std::string_view text);
    FrameSet& frame_set_of(const events::FrameMark& mark);
    Plot& plot_of(base::StringId name);
    void name_all();
    void name_sections();
    void count_unless(bool is_taken) noexcept {
        if (!is_taken) ++dropped_events_;
    }
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
    LockBuilder locks_;
    MemoryBuilder memory_;
    SectionBuilder sections_;
    std::unordered_map<base::CallstackId, std::uint32_t> callstacks_;  // the index of each
    std::unordered_map<base::StackFrameId, std::uint32_t> stack_frames_;
    std::vector<base::StackFrame> frame_contents_;  // by that index
    ImageBuilder images_;
    GpuBuilder gpus_;
    std::unordered_map<std::size_t, base::StringId> literals_;  // of messages, by their index
    std::uint64_t sampling_period_ns_ = 0;
    base::StringId program_name_ = base::StringId::None;  // None: that of the recording
    MachineBuilder machine_;
    NativeBuilder native_;
    base::StringId crash_text_ = base::StringId::None;
    std::uint64_t fibers_ = 0;
    std::size_t runs_ = 0;  // of all fibers
    std::uint64_t dropped_events_ = 0;
};

}  // namespace tracypy::model
