#include "model/merger.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "base/error.hpp"
#include "model/merge_maps.hpp"
#include "model/merge_system.hpp"

namespace tracypy::model {
namespace {

// What files and viewers have room for.
constexpr std::int64_t kLastNs = (std::int64_t{1} << 47) - 1;
constexpr std::size_t kMostStacks = (std::size_t{1} << 24) - 1;
constexpr std::size_t kMostThreads = 65'000;

/// Where numbers begin that threads of other traces get when theirs are taken: beyond those of systems.
constexpr std::uint64_t kFirstFree = 0xF000'0000;

[[noreturn]] void fail(std::string problem) {
    throw base::ValueError(base::problem<base::ErrorCode::NotMergeable>(std::move(problem)));
}

/// Names that more than one of the traces has.
class SharedNames {
public:
    /// Once for each trace: each of its names once.
    void add(const std::set<std::string>& names) {
        for (const std::string& name : names) ++counts_[name];
    }
    bool has(const std::string& name) const {
        const auto found = counts_.find(name);
        return found != counts_.end() && found->second > 1;
    }

private:
    std::map<std::string, unsigned> counts_;
};

class Merger {
public:
    explicit Merger(std::vector<MergePart> parts) : parts_(std::move(parts)) {
        count_names();
        number_groups();
        trace_.locations.push_back({.function = trace_.strings.intern("other functions")});
        location_ids_.emplace(key_of(trace_.locations[0]), 0);
    }

    Merged run() {
        choose_main_frames();
        for (std::size_t i = 0; i < parts_.size(); ++i) add(parts_[i], i);
        put_in_order();
        check();
        return {std::move(trace_), std::move(notes_)};
    }

private:
    using LocationKey = std::tuple<TextId, TextId, TextId, std::uint32_t, std::uint32_t>;
    static LocationKey key_of(const SourceLocation& one) {
        return {one.name, one.function, one.file, one.line, one.color};
    }

    void count_names();
    void number_groups();
    void choose_main_frames();
    void add(MergePart& part, std::size_t number);
    void add_texts(const Trace& part);
    void add_locations(const Trace& part);
    void add_stacks(Trace& part);
    void add_extras(Trace& part);
    void add_threads(Trace& part, const std::string& label);
    void add_zones(Thread& thread);
    void add_frames(Trace& part, const std::string& label, std::size_t number);
    void add_messages(Trace& part);
    void add_plots(Trace& part, const std::string& label);
    void add_locks(Trace& part);
    void add_memory(Trace& part, const std::string& label);
    void add_gpus(Trace& part, const std::string& label);
    void add_sections(Trace& part);
    void add_info(const MergePart& part, std::size_t number);
    void put_in_order();
    void check();

    /// A name that several have, behind that of its program; no name at all is that of the program.
    TextId apart(TextId name, const SharedNames& shared, const std::string& label);
    std::string text(const Trace& part, TextId id) const { return std::string(part.strings.at(id)); }
    std::uint64_t free_id(std::uint64_t id, bool is_fiber);

    std::vector<MergePart> parts_;
    Trace trace_;
    std::vector<std::string> notes_;
    MergeMaps maps_;
    SystemMerger system_{trace_, notes_};
    SharedNames frame_names_, plot_names_, pool_names_, gpu_names_;
    std::map<LocationKey, LocationIndex> location_ids_;
    std::set<std::uint64_t> thread_ids_;
    std::uint64_t next_thread_ = kFirstFree, next_fiber_ = kFirstFiber;
    std::set<std::uint32_t> lock_ids_;
    std::uint32_t next_lock_ = 0;
    std::size_t main_frames_ = 0;  // whose main frames stay the trace's
    std::map<std::string, std::uint16_t> categories_;
};

void Merger::count_names() {
    for (const MergePart& part : parts_) {
        const Trace& trace = part.trace;
        std::set<std::string> frames, plots, pools, gpus;
        for (std::size_t i = 1; i < trace.frame_sets.size(); ++i) frames.insert(text(trace, trace.frame_sets[i].name));
        for (const Plot& plot : trace.plots) plots.insert(text(trace, plot.name));
        for (const MemoryPool& pool : trace.memory_pools) pools.insert(text(trace, pool.name));
        for (const GpuContext& context : trace.gpu_contexts) gpus.insert(text(trace, context.name));
        frame_names_.add(frames);
        plot_names_.add(plots);
        pool_names_.add(pools);
        gpu_names_.add(gpus);
    }
}

// Rows of one group stand together, in the order of the groups: each program's behind those of the one before.
void Merger::number_groups() {
    const auto has_group = [](const Thread& thread) { return thread.group_hint != 0; };
    const auto has_groups = [&](const MergePart& part) { return std::ranges::any_of(part.trace.threads, has_group); };
    if (std::ranges::none_of(parts_, has_groups)) return;
    std::int32_t number = 0;
    for (MergePart& part : parts_) {
        std::map<std::int32_t, std::int32_t> groups;
        for (const Thread& thread : part.trace.threads) groups.emplace(thread.group_hint, 0);
        for (auto& [hint, group] : groups) group = number++;
        for (Thread& thread : part.trace.threads) thread.group_hint = groups[thread.group_hint];
    }
}

// A file has one main set: that of the first trace which has marks in it.
void Merger::choose_main_frames() {
    const auto has_marks = [](const MergePart& part) {
        return part.trace.frame_sets[0].frames.size() > model::start_frames(part.trace);
    };
    const auto found = std::ranges::find_if(parts_, has_marks);
    if (found != parts_.end()) main_frames_ = static_cast<std::size_t>(found - parts_.begin());
}

TextId Merger::apart(TextId name, const SharedNames& shared, const std::string& label) {
    const std::string had(trace_.strings.at(name));
    if (label.empty() || !shared.has(had)) return name;
    return trace_.strings.intern(had.empty() ? label : label + ": " + had);
}

void Merger::add(MergePart& part, std::size_t number) {
    maps_ = {};
    maps_.shift_ns = part.shift_ns;
    maps_.address = system_.addresses_of(part.trace);
    Trace& trace = part.trace;
    add_info(part, number);
    add_texts(trace);
    add_locations(trace);
    add_stacks(trace);
    add_extras(trace);
    add_threads(trace, part.label);
    add_frames(trace, part.label, number);
    add_messages(trace);
    add_plots(trace, part.label);
    add_locks(trace);
    add_memory(trace, part.label);
    add_gpus(trace, part.label);
    add_sections(trace);
    for (const TextId line : trace.app_info) {
        const TextId text = maps_.text(line);
        trace_.app_info.push_back(
            part.label.empty() || text == TextId::None
                ? text
                : trace_.strings.intern(part.label + ": " + std::string(trace_.strings.at(text))));
    }
    system_.add(part, maps_);
    const Trace spent = std::move(part.trace);  // gives its memory back
}

void Merger::add_info(const MergePart& part, std::size_t number) {
    const TraceInfo& info = part.trace.info;
    TraceInfo& merged = trace_.info;
    const std::int64_t last = info.last_time_ns + part.shift_ns;
    if (number == 0) {
        const std::uint64_t process = parts_.size() == 1 ? info.program.process_id : 0;
        merged = info;
        merged.program.process_id = process;
        merged.clock.reset();
    } else {
        merged.program.name += ", " + info.program.name;
        merged.capture_name += ", " + info.capture_name;
        if (merged.program.host.find(info.program.host) == std::string::npos) {
            merged.program.host += "\n" + info.program.host;
        }
        merged.capture_time_s = std::min(merged.capture_time_s, info.capture_time_s);
        if (merged.sampling_period_ns == 0) merged.sampling_period_ns = info.sampling_period_ns;
        merged.resolution_ns = std::max(merged.resolution_ns, info.resolution_ns);
    }
    merged.last_time_ns = std::max(merged.last_time_ns, last);
    if (number == main_frames_) {
        merged.frame_offset = info.frame_offset;
        merged.is_on_demand = info.is_on_demand;
    }
}

void Merger::add_texts(const Trace& part) {
    for (std::size_t i = 1; i <= part.strings.size(); ++i) {
        maps_.texts.push_back(trace_.strings.intern(part.strings.at(static_cast<TextId>(i))));
    }
    if (trace_.strings.lost() != 0) fail("they have more texts than a trace file has room for (16,777,215)");
}

void Merger::add_locations(const Trace& part) {
    for (const SourceLocation& one : part.locations) {
        const SourceLocation moved{maps_.text(one.name), maps_.text(one.function), maps_.text(one.file), one.line,
                                   one.color};
        const auto [known, is_new] =
            location_ids_.try_emplace(key_of(moved), static_cast<LocationIndex>(trace_.locations.size()));
        if (is_new) trace_.locations.push_back(moved);
        maps_.locations.push_back(known->second);
    }
}

void Merger::add_stacks(Trace& part) {
    Callstacks& stacks = trace_.callstacks;
    const auto first_address = static_cast<std::uint32_t>(stacks.addresses.size());
    maps_.first_stack = static_cast<std::uint32_t>(stacks.stacks.size());
    for (std::size_t i = 1; i < part.callstacks.stacks.size(); ++i) {
        std::vector<std::uint32_t>& stack = part.callstacks.stacks[i];
        for (std::uint32_t& address : stack) address += first_address;
        stacks.stacks.push_back(std::move(stack));
    }
    if (stacks.stacks.size() > kMostStacks) fail("they have more call stacks than a trace file has room for");
    for (StackAddress& address : part.callstacks.addresses) {
        address.address = maps_.address(address.address);
        address.image = maps_.text(address.image);
        for (StackFrame& frame : address.frames) {
            frame.function = maps_.text(frame.function);
            frame.file = maps_.text(frame.file);
            frame.symbol = maps_.address(frame.symbol);
        }
        stacks.addresses.push_back(std::move(address));
    }
    part.callstacks = {};
}

void Merger::add_extras(Trace& part) {
    maps_.first_extra = static_cast<std::uint32_t>(trace_.zone_extras.size());
    for (std::size_t i = 1; i < part.zone_extras.size(); ++i) {
        const ZoneExtra& extra = part.zone_extras[i];
        trace_.zone_extras.push_back(
            {maps_.text(extra.text), maps_.text(extra.name), extra.color, maps_.stack(extra.callstack)});
    }
    part.zone_extras = {};
}

std::uint64_t Merger::free_id(std::uint64_t id, bool is_fiber) {
    std::uint64_t& next = is_fiber ? next_fiber_ : next_thread_;
    while (!thread_ids_.insert(id).second) id = next++;
    return id;
}

void Merger::add_threads(Trace& part, const std::string& label) {
    maps_.first_thread = static_cast<std::uint32_t>(trace_.threads.size());
    for (Thread& thread : part.threads) {
        const std::uint64_t id = free_id(thread.id, thread.is_fiber);
        maps_.threads.emplace(std::exchange(thread.id, id), id);
    }
    if (trace_.threads.size() + part.threads.size() > kMostThreads)
        fail("they have more threads than viewers can show");
    for (Thread& thread : part.threads) {
        thread.name = maps_.text(thread.name);
        if (!label.empty()) {
            thread.name = trace_.strings.intern(label + ": " + std::string(trace_.strings.at(thread.name)));
        }
        thread.short_number = 0;
        add_zones(thread);
        for (FiberRun& run : thread.runs) {
            maps_.move(run.start_ns);
            maps_.move(run.end_ns);
            run.carrier = maps_.thread_id(run.carrier);
        }
        for (std::vector<Sample>* const samples : {&thread.samples, &thread.switch_samples}) {
            for (Sample& sample : *samples) {
                maps_.move(sample.time_ns);
                sample.callstack = maps_.stack(sample.callstack);
            }
        }
        trace_.threads.push_back(std::move(thread));
    }
}

void Merger::add_zones(Thread& thread) {
    for (Zone& zone : thread.zones) {
        zone.start_ns += maps_.shift_ns;
        maps_.move(zone.end_ns);
        zone.location = maps_.location(zone.location);
        zone.extra = maps_.extra(zone.extra);
    }
}

// The main set of another trace is one of this trace under the name of its program, but for the frames at its start.
void Merger::add_frames(Trace& part, const std::string& label, std::size_t number) {
    const std::size_t no_marks = model::start_frames(part);
    std::vector<std::uint32_t> sets;  // where each is now
    for (std::size_t i = 0; i < part.frame_sets.size(); ++i) {
        FrameSet& set = part.frame_sets[i];
        for (Frame& frame : set.frames) {
            frame.start_ns += maps_.shift_ns;
            maps_.move(frame.end_ns);
        }
        if (i == 0 && number == main_frames_) {
            if (!set.frames.empty()) set.frames[0].start_ns = 0;
            trace_.frame_sets[0] = std::move(set);
            sets.push_back(0);
            continue;
        }
        sets.push_back(static_cast<std::uint32_t>(trace_.frame_sets.size()));
        if (i == 0) {
            set.frames.erase(set.frames.begin(), set.frames.begin() + static_cast<std::ptrdiff_t>(no_marks));
            if (set.frames.empty()) continue;
            set.name = trace_.strings.intern(label.empty() ? "frames" : label);
        } else {
            set.name = apart(maps_.text(set.name), frame_names_, label);
        }
        trace_.frame_sets.push_back(std::move(set));
    }
    for (FrameImage& image : part.frame_images) {
        if (image.set == 0 && number != main_frames_) {
            if (image.frame < no_marks) continue;
            image.frame -= static_cast<std::uint32_t>(no_marks);
        }
        image.set = sets[image.set];
        trace_.frame_images.push_back(std::move(image));
    }
}

void Merger::add_messages(Trace& part) {
    for (Message& message : part.messages) {
        message.time_ns += maps_.shift_ns;
        message.text = maps_.text(message.text);
        message.thread = maps_.thread(message.thread);
        message.callstack = maps_.stack(message.callstack);
    }
    append_all(trace_.messages, part.messages);
}

void Merger::add_plots(Trace& part, const std::string& label) {
    for (Plot& plot : part.plots) {
        plot.name = apart(maps_.text(plot.name), plot_names_, label);
        for (PlotPoint& point : plot.points) point.time_ns += maps_.shift_ns;
    }
    append_all(trace_.plots, part.plots);
}

void Merger::add_locks(Trace& part) {
    for (Lock& lock : part.locks) {
        while (!lock_ids_.insert(lock.id).second) lock.id = next_lock_++;
        lock.name = maps_.text(lock.name);
        lock.location = maps_.location(lock.location);
        lock.made_ns += maps_.shift_ns;
        if (lock.ended_ns != 0) lock.ended_ns += maps_.shift_ns;
        for (std::uint64_t& thread : lock.threads) thread = maps_.thread_id(thread);
        for (LockEvent& event : lock.events) {
            event.time_ns += maps_.shift_ns;
            if (event.mark != LockEvent::kNoMark) event.mark = maps_.location(event.mark);
        }
    }
    append_all(trace_.locks, part.locks);
}

void Merger::add_memory(Trace& part, const std::string& label) {
    for (MemoryPool& pool : part.memory_pools) {
        pool.name = apart(maps_.text(pool.name), pool_names_, label);
        for (Allocation& block : pool.allocations) {
            maps_.move(block.begin_ns);
            maps_.move(block.end_ns);
            block.begin_thread = maps_.thread(block.begin_thread);
            block.end_thread = maps_.thread(block.end_thread);
            block.begin_callstack = maps_.stack(block.begin_callstack);
            block.end_callstack = maps_.stack(block.end_callstack);
        }
    }
    append_all(trace_.memory_pools, part.memory_pools);
}

void Merger::add_gpus(Trace& part, const std::string& label) {
    for (GpuContext& context : part.gpu_contexts) {
        context.name = apart(maps_.text(context.name), gpu_names_, label);
        context.thread = maps_.thread_id(context.thread);
        for (GpuNoteName& note : context.note_names) note.name = maps_.text(note.name);
        for (GpuRow& row : context.rows) {
            row.thread = maps_.thread(row.thread);
            row.id = maps_.thread_id(row.id);
            for (GpuZone& zone : row.zones) {
                zone.begin_ns += maps_.shift_ns;
                for (std::int64_t* const time : {&zone.end_ns, &zone.gpu_begin_ns, &zone.gpu_end_ns}) maps_.move(*time);
                zone.location = maps_.location(zone.location);
                zone.callstack = maps_.stack(zone.callstack);
            }
        }
    }
    append_all(trace_.gpu_contexts, part.gpu_contexts);
}

// Categories of one name are one; a number that another one has is changed.
void Merger::add_sections(Trace& part) {
    std::map<std::uint16_t, std::uint16_t> numbers;
    for (const ProgramSection& section : part.sections) {
        const bool is_listed = std::ranges::any_of(
            part.section_categories, [&](const SectionCategory& one) { return one.number == section.category; });
        if (!is_listed) part.section_categories.push_back({section.category, TextId::None});
    }
    for (const SectionCategory& category : part.section_categories) {
        const std::string name = text(part, category.name);
        const auto known = categories_.find(name);
        std::uint16_t number = category.number;
        if (!name.empty() && known != categories_.end()) number = known->second;
        const auto is_taken = [&](std::uint16_t wanted) {
            return std::ranges::any_of(trace_.section_categories, [&](const SectionCategory& one) {
                return one.number == wanted && one.name != maps_.text(category.name);
            });
        };
        while (is_taken(number)) ++number;
        numbers[category.number] = number;
        if (std::ranges::find(trace_.section_categories, number, &SectionCategory::number) ==
            trace_.section_categories.end()) {
            trace_.section_categories.push_back({number, maps_.text(category.name)});
        }
        if (!name.empty()) categories_.emplace(name, number);
    }
    for (ProgramSection& section : part.sections) {
        section.begin_ns += maps_.shift_ns;
        maps_.move(section.end_ns);
        section.name = maps_.text(section.name);
        const auto number = numbers.find(section.category);
        if (number != numbers.end()) section.category = number->second;
    }
    append_all(trace_.sections, part.sections);
}

void Merger::put_in_order() {
    std::ranges::stable_sort(trace_.messages, {}, &Message::time_ns);
    std::ranges::stable_sort(trace_.sections, {}, &ProgramSection::begin_ns);
    std::ranges::stable_sort(trace_.frame_images, {},
                             [](const FrameImage& image) { return std::pair(image.set, image.frame); });
    system_.finish();
}

void Merger::check() {
    if (trace_.info.last_time_ns <= kLastNs) return;
    fail("they lie further apart than a trace can be long (39 hours): say with --offset where each belongs");
}

}  // namespace

Merged merge(std::vector<MergePart> parts) {
    return Merger(std::move(parts)).run();
}

}  // namespace tracypy::model
