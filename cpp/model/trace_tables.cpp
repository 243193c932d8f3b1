#include "model/trace_tables.hpp"

#include <algorithm>
#include <cstdio>
#include <string>
#include <utility>

#include "base/string_table.hpp"

namespace tracypy::model {
namespace {

/// Keeps the first of those with the same key, and hands it what the others hold.
template <typename Entry, typename KeyOf, typename Absorb>
void merge_same(std::vector<Entry>& entries, KeyOf key_of, Absorb absorb) {
    std::vector<Entry> kept;
    std::unordered_map<std::uint64_t, std::size_t> known;
    for (Entry& entry : entries) {
        const auto [first, is_new] = known.try_emplace(key_of(entry), kept.size());
        if (is_new) {
            kept.push_back(std::move(entry));
        } else {
            absorb(kept[first->second], entry);
        }
    }
    entries = std::move(kept);
}

}  // namespace

TraceTables::TraceTables(const base::Names& names, base::Ticks start) : names_(names), start_(start), native_(names) {
    location_of(0);  // "other functions": where a writer puts locations for which a file has no room
    trace_.frame_sets[0].frames.assign(kStartFrames, Frame{start, kOpen});
}

std::uint32_t TraceTables::thread_of(base::ThreadId id) {
    const auto [entry, is_new] = threads_.try_emplace(id, static_cast<std::uint32_t>(trace_.threads.size()));
    if (is_new) {
        trace_.threads.emplace_back();
        trace_.threads.back().id = static_cast<std::uint32_t>(id);
        thread_ids_.push_back(id);
    }
    return entry->second;
}

TextId TraceTables::text_of(base::StringId id) {
    if (id == base::StringId::None) return TextId::None;
    return trace_.strings.intern(names_.strings.find(id).text);
}

LocationIndex TraceTables::new_location(std::uint64_t id) {
    if (id >= names_.locations.size()) return 0;
    if (id >= locations_.size()) {
        locations_.resize(std::min(base::SourceLocationTable::kMaxLocations, 2 * static_cast<std::size_t>(id) + 64), 0);
    }
    location_ids_.push_back(static_cast<base::SourceLocationId>(id));
    locations_[id] = static_cast<LocationIndex>(location_ids_.size());
    return locations_[id] - 1;
}

void TraceTables::moment(const events::Message& message, std::uint32_t thread) {
    Message entry{.time_ns = message.tick};
    if (message.literal != base::StringId::None) {
        literals_.emplace(trace_.messages.size(), message.literal);
    } else {
        entry.text = trace_.strings.intern(message.text);
    }
    entry.thread = thread;
    entry.color = message.color;
    entry.source = static_cast<std::uint8_t>(message.source);
    entry.severity = static_cast<std::uint8_t>(message.severity);
    entry.callstack = callstack_of(message.callstack);
    trace_.messages.push_back(entry);
}

std::uint32_t TraceTables::callstack_of(base::CallstackId id) {
    if (id == base::CallstackId::None) return 0;
    if (names_.native.has_stacks()) return static_cast<std::uint32_t>(id);  // name_all() takes them as they are
    std::vector<std::vector<std::uint32_t>>& stacks = trace_.callstacks.stacks;
    const auto [entry, is_new] = callstacks_.try_emplace(id, static_cast<std::uint32_t>(stacks.size()));
    if (is_new) {
        stacks.emplace_back();
        for (const base::StackFrameId frame : names_.callstacks.find(id)) stacks.back().push_back(frame_of(frame));
    }
    return entry->second;
}

std::uint32_t TraceTables::frame_of(base::StackFrameId id) {
    const auto [entry, is_new] = stack_frames_.try_emplace(id, static_cast<std::uint32_t>(frame_contents_.size()));
    if (is_new) frame_contents_.push_back(names_.callstacks.frame(id).value_or(base::StackFrame{}));
    return entry->second;
}

// Who knows more of the row says so beforehand (ThreadFacts).
void TraceTables::moment(const events::FiberEnter& run, std::uint32_t thread) {
    const std::uint32_t carrier = thread_of(run.thread);
    Thread& row = trace_.threads[thread];
    if (!row.is_fiber) {
        row.is_fiber = true;
        row.id = kFirstFiber | fibers_++;
    }
    row.runs.push_back({run.tick, kOpen, trace_.threads[carrier].id});
    ++runs_;
}

void TraceTables::moment(const events::FiberLeave& run, std::uint32_t thread) {
    std::vector<FiberRun>& runs = trace_.threads[thread].runs;
    if (runs.empty() || runs.back().end_ns != kOpen) return count_dropped();
    runs.back().end_ns = run.tick;
}

ZoneExtra& TraceTables::extra_of(std::uint32_t& extra) {
    if (extra == 0) {
        extra = static_cast<std::uint32_t>(trace_.zone_extras.size());
        trace_.zone_extras.emplace_back();
    }
    return trace_.zone_extras[extra];
}

void TraceTables::detail(const events::ZoneText& text, std::uint32_t& extra) {
    add_zone_text(extra_of(extra), text.text);
}

void TraceTables::detail(const events::ZoneName& name, std::uint32_t& extra) {
    extra_of(extra).name = trace_.strings.intern(name.text);
}

// As viewers from 0.12 on spell it.
void TraceTables::detail(const events::ZoneValue& value, std::uint32_t& extra) {
    char text[64];
    const auto number = static_cast<unsigned long long>(value.value);
    const int size = std::snprintf(text, sizeof(text), "%llu [0x%llx]", number, number);
    add_zone_text(extra_of(extra), {text, static_cast<std::size_t>(size)});
}

void TraceTables::detail(const events::ZoneColor& color, std::uint32_t& extra) {
    extra_of(extra).color = color.color;
}

void TraceTables::detail(const events::ZoneBeginCallstack& zone, std::uint32_t& extra) {
    if (zone.callstack != base::CallstackId::None) extra_of(extra).callstack = callstack_of(zone.callstack);
}

void TraceTables::add_zone_text(ZoneExtra& extra, std::string_view text) {
    if (extra.text == TextId::None) {
        extra.text = trace_.strings.intern(text);
        return;
    }
    std::string joined(trace_.strings.at(extra.text));
    joined += '\n';
    joined += text;
    extra.text = trace_.strings.intern(joined);
}

FrameSet& TraceTables::frame_set_of(const events::FrameMark& mark) {
    if (mark.name == base::StringId::None) return trace_.frame_sets[0];
    const bool is_continuous = mark.kind == events::FrameMarkKind::Continuous;
    const std::uint64_t key = static_cast<std::uint64_t>(mark.name) << 1 | (is_continuous ? 1 : 0);
    const auto [entry, is_new] = frame_sets_.try_emplace(key, trace_.frame_sets.size());
    if (is_new) {
        trace_.frame_sets.push_back({TextId::None, is_continuous, {}});
        frame_set_names_.push_back(mark.name);
    }
    return trace_.frame_sets[entry->second];
}

void TraceTables::take(const events::FrameMark& mark) {
    std::vector<Frame>& frames = frame_set_of(mark).frames;
    if (mark.kind != events::FrameMarkKind::End) {
        frames.push_back({std::max(mark.ticks, start_), kOpen});
    } else if (!frames.empty() && frames.back().end_ns == kOpen) {
        frames.back().end_ns = std::max(mark.ticks, frames.back().start_ns);
    } else {
        ++dropped_events_;
    }
}

void TraceTables::start_frames(std::span<const base::Ticks> ticks) {
    std::vector<Frame>& frames = trace_.frame_sets[0].frames;
    frames.erase(frames.begin(), frames.begin() + kStartFrames);
    for (const base::Ticks tick : ticks) frames.push_back({std::max(tick, start_), kOpen});
}

Plot& TraceTables::plot_of(base::StringId name) {
    const auto [entry, is_new] = plots_.try_emplace(name, trace_.plots.size());
    if (is_new) {
        trace_.plots.emplace_back();
        plot_names_.push_back(name);
    }
    return trace_.plots[entry->second];
}

void TraceTables::take(const events::PlotPoint& point) {
    plot_of(point.plot).points.push_back({std::max(point.ticks, start_), point.value});
}

void TraceTables::take(const events::MemoryStep& step) {
    const MemoryBuilder::Place place{thread_of(step.thread), callstack_of(step.callstack)};
    if (!memory_.take(step, std::max(step.ticks, start_), place, trace_.memory_pools)) ++dropped_events_;
}

void TraceTables::take(const events::GpuStep& step) {
    const LocationIndex location = location_of(static_cast<std::uint64_t>(step.location));
    const GpuBuilder::Place place{thread_of(step.thread), location, callstack_of(step.callstack)};
    if (!gpus_.take(step, std::max(step.ticks, start_), place)) ++dropped_events_;
}

void TraceTables::take(const events::Sample& sample) {
    if (sample.callstack == base::CallstackId::None) return count_dropped();  // which says nothing
    MachineBuilder::take({std::max(sample.ticks, start_), sample.thread, sample.callstack, sample.is_at_switch},
                         callstack_of(sample.callstack), trace_.threads[thread_of(sample.thread)], machine_);
}

void TraceTables::take(const events::CrashReport& report) {
    trace_.crash.thread = trace_.threads[thread_of(report.thread)].id;
    trace_.crash.time_ns = std::max(report.ticks, start_);
    trace_.crash.callstack = callstack_of(report.callstack);
    crash_text_ = report.text;
}

bool TraceTables::take(const events::ProcessorPlace& told) {
    std::vector<ProcessorPlace>& places = trace_.processors;
    const ProcessorPlace place{told.package, told.die, told.core, told.processor};
    if (std::ranges::find(places, place.thread, &ProcessorPlace::thread) != places.end()) return false;
    places.push_back(place);
    return true;
}

void TraceTables::take(const events::SectionEdge& edge) {
    if (!sections_.take(edge, std::max(edge.ticks, start_), trace_.sections)) ++dropped_events_;
}

void TraceTables::take(const events::PlotStyle& style) {
    Plot& plot = plot_of(style.plot);
    plot.format = static_cast<Plot::Format>(style.format);
    plot.shows_steps = style.shows_steps;
    plot.is_filled = style.is_filled;
    plot.color = style.color;
}

void TraceTables::take(const events::LockAnnounce& lock) {
    locks_.take(lock, std::max(lock.made, start_), location_of(static_cast<std::uint64_t>(lock.location)),
                trace_.locks);
}

void TraceTables::take(const events::LockEvent& event) {
    if (locks_.find(event.lock, trace_.locks) == nullptr) return count_dropped();
    if (!locks_.take(event, trace_.threads[thread_of(event.thread)].id, trace_.locks)) count_dropped();
}

bool TraceTables::take_told(const events::LockMark& mark) {
    const LocationIndex location = location_of(static_cast<std::uint64_t>(mark.location));
    return locks_.take(mark, trace_.threads[thread_of(mark.thread)].id, location, trace_.locks);
}

void TraceTables::take(const events::ThreadFacts& facts) {
    Thread& entry = trace_.threads[thread_of(facts.thread)];
    entry.id = facts.id;
    entry.is_fiber = facts.is_fiber;
    entry.group_hint = facts.group_hint;
}

// Two ids may turn out to have one text: a program that consists of several libraries has its literals more than once.
void TraceTables::name_all() {
    for (std::size_t i = 0; i < thread_ids_.size(); ++i) {
        trace_.threads[i].name = trace_.strings.intern(names_.threads.find(thread_ids_[i]));
    }
    for (const base::SourceLocationId id : location_ids_) {
        const base::SourceLocation found = names_.locations.find(id).value_or(base::SourceLocation{});
        trace_.locations.push_back(
            {text_of(found.name), text_of(found.function), text_of(found.file), found.line, found.color});
    }
    for (const base::StackFrame& frame : frame_contents_) {
        if (frame.native != 0) {
            native_.add_address(trace_, names_.callstacks.native(frame.native));
            continue;
        }
        const base::SourceLocation found = names_.locations.find(frame.location).value_or(base::SourceLocation{});
        trace_.callstacks.addresses.push_back(
            {trace_.strings.intern(base::kFrameImage), {{text_of(found.function), text_of(found.file), frame.line}}});
    }
    native_.finish(trace_);
    for (std::size_t i = 0; i < frame_set_names_.size(); ++i) trace_.frame_sets[i].name = text_of(frame_set_names_[i]);
    for (std::size_t i = 0; i < plot_names_.size(); ++i) trace_.plots[i].name = text_of(plot_names_[i]);
    for (std::size_t i = 0; i < memory_.names().size(); ++i) trace_.memory_pools[i].name = text_of(memory_.names()[i]);
    name_sections();
    merge_same(
        trace_.frame_sets,
        [](const FrameSet& set) { return static_cast<std::uint64_t>(set.name) << 1 | (set.is_continuous ? 1 : 0); },
        [](FrameSet& set, const FrameSet& other) {
            set.frames.insert(set.frames.end(), other.frames.begin(), other.frames.end());
        });
    merge_same(
        trace_.plots, [](const Plot& plot) { return static_cast<std::uint64_t>(plot.name); },
        [](Plot& plot, const Plot& other) {
            plot.points.insert(plot.points.end(), other.points.begin(), other.points.end());
        });
    merge_same(
        trace_.memory_pools, [](const MemoryPool& pool) { return static_cast<std::uint64_t>(pool.name); },
        [](MemoryPool& pool, const MemoryPool& other) {
            pool.allocations.insert(pool.allocations.end(), other.allocations.begin(), other.allocations.end());
        });
    for (const auto& [lock, name] : locks_.names()) trace_.locks[lock].name = text_of(name);
    locks_ = {};  // the file is written while the rest is still there
    if (crash_text_ != base::StringId::None) trace_.crash.message = text_of(crash_text_);
    for (const auto& [message, literal] : literals_) trace_.messages[message].text = text_of(literal);
}

void TraceTables::name_sections() {
    for (std::size_t i = 0; i < sections_.names().size(); ++i) trace_.sections[i].name = text_of(sections_.names()[i]);
    for (const auto& [number, name] : sections_.categories()) {
        trace_.section_categories.push_back({number, text_of(name)});
    }
}

void TraceTables::finish_gpus(const TimeScale& to_ns) {
    std::vector<GpuBuilder::ContextNames> names;
    trace_.gpu_contexts = gpus_.finish(to_ns, names, trace_.info.last_time_ns);
    for (std::size_t i = 0; i < names.size(); ++i) {
        trace_.gpu_contexts[i].name = text_of(names[i].name);
        for (const auto& [note, name] : names[i].notes) {
            trace_.gpu_contexts[i].note_names.push_back({note, text_of(name)});
        }
    }
}

// The title begins with the name that the program had when the recording began.
void TraceTables::name_program() {
    if (program_name_ == base::StringId::None) return;
    TraceInfo& info = trace_.info;
    const std::string_view name = names_.strings.find(program_name_).text;
    if (info.capture_name.starts_with(info.program.name)) info.capture_name.replace(0, info.program.name.size(), name);
    info.program.name = name;
}

void TraceTables::sort_by_time() {
    const auto is_earlier = [](const auto& left, const auto& right) { return left.time_ns < right.time_ns; };
    std::stable_sort(trace_.messages.begin(), trace_.messages.end(), is_earlier);
    for (Plot& plot : trace_.plots) std::stable_sort(plot.points.begin(), plot.points.end(), is_earlier);
    for (MemoryPool& pool : trace_.memory_pools) {
        std::ranges::stable_sort(pool.allocations, {}, &Allocation::begin_ns);
    }
    std::ranges::stable_sort(trace_.sections, {}, &ProgramSection::begin_ns);
    for (FrameSet& set : trace_.frame_sets) {
        std::stable_sort(set.frames.begin(), set.frames.end(),
                         [](const Frame& left, const Frame& right) { return left.start_ns < right.start_ns; });
    }
}

void TraceTables::scale_times(const TimeScale& to_ns) {
    std::int64_t last = trace_.info.last_time_ns;
    for (Message& message : trace_.messages) {
        message.time_ns = to_ns(message.time_ns);
        last = std::max(last, message.time_ns);
    }
    for (Thread& thread : trace_.threads) {
        for (FiberRun& run : thread.runs) {
            run.start_ns = to_ns(run.start_ns);
            if (run.end_ns != kOpen) run.end_ns = to_ns(run.end_ns);
            last = std::max({last, run.start_ns, run.end_ns});
        }
    }
    for (FrameSet& set : trace_.frame_sets) {
        for (Frame& frame : set.frames) {
            frame.start_ns = to_ns(frame.start_ns);
            if (frame.end_ns != kOpen) frame.end_ns = to_ns(frame.end_ns);
            last = std::max({last, frame.start_ns, frame.end_ns});
        }
    }
    for (Plot& plot : trace_.plots) {
        for (PlotPoint& point : plot.points) {
            point.time_ns = to_ns(point.time_ns);
            last = std::max(last, point.time_ns);
        }
    }
    for (Lock& lock : trace_.locks) {
        lock.made_ns = to_ns(lock.made_ns);
        if (lock.ended_ns != 0) lock.ended_ns = to_ns(lock.ended_ns);
        for (LockEvent& event : lock.events) {
            event.time_ns = to_ns(event.time_ns);
            last = std::max(last, event.time_ns);
        }
    }
    for (ProgramSection& section : trace_.sections) {
        section.begin_ns = to_ns(section.begin_ns);
        if (section.end_ns != kOpen) section.end_ns = to_ns(section.end_ns);
        last = std::max({last, section.begin_ns, section.end_ns});
    }
    for (MemoryPool& pool : trace_.memory_pools) {
        for (Allocation& allocation : pool.allocations) {
            allocation.begin_ns = to_ns(allocation.begin_ns);
            if (allocation.end_ns != kOpen) allocation.end_ns = to_ns(allocation.end_ns);
            last = std::max({last, allocation.begin_ns, allocation.end_ns});
        }
    }
    if (trace_.crash.thread != 0) trace_.crash.time_ns = to_ns(trace_.crash.time_ns);
    trace_.info.last_time_ns = last;
}

std::size_t TraceTables::memory_bytes() const noexcept {
    std::size_t bytes = trace_.strings.memory_bytes() + trace_.messages.capacity() * sizeof(Message) +
                        trace_.zone_extras.capacity() * sizeof(ZoneExtra) + runs_ * sizeof(FiberRun) +
                        images_.memory_bytes();
    for (const Lock& lock : trace_.locks) bytes += lock.events.capacity() * sizeof(LockEvent);
    for (const std::vector<std::uint32_t>& stack : trace_.callstacks.stacks) {
        bytes += sizeof(stack) + stack.capacity() * sizeof(std::uint32_t);
    }
    for (const FrameSet& set : trace_.frame_sets) bytes += set.frames.capacity() * sizeof(Frame);
    for (const MemoryPool& pool : trace_.memory_pools) bytes += pool.allocations.capacity() * sizeof(Allocation);
    return bytes;
}

Trace TraceTables::finish(TraceInfo info, const std::function<bool(std::size_t)>& has_zones) {
    name_all();
    trace_.info = std::move(info);
    if (sampling_period_ns_ != 0) trace_.info.sampling_period_ns = static_cast<std::int64_t>(sampling_period_ns_);
    name_program();
    const TimeScale to_ns{start_, trace_.info.ns_per_tick};
    scale_times(to_ns);
    finish_gpus(to_ns);
    sort_by_time();
    trace_.frame_images_left_out = images_.without_room();
    trace_.frame_images = images_.finish(trace_.frame_sets[0], to_ns, dropped_events_);
    machine_.finish(trace_, to_ns, [this](base::StringId id) { return text_of(id); }, has_zones);
    return std::move(trace_);
}

}  // namespace tracypy::model
