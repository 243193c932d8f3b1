// Lanes of what a trace holds in tables of its own: frames, locks, GPUs, sections, samples.
#include <algorithm>
#include <utility>

#include "analysis/timeline/timeline.hpp"

namespace tracypy::analysis {

void Timeline::add_frames(const model::Trace& trace, std::size_t set) {
    const model::FrameSet& frames = trace.frame_sets[set];
    Row& row = lanes_.emplace_back(1).front();
    for (std::size_t i = set == 0 ? model::start_frames(trace) : 0; i < frames.frames.size(); ++i) {
        const model::Frame& frame = frames.frames[i];
        const bool has_next = frames.is_continuous && i + 1 < frames.frames.size();
        const std::int64_t end_ns = has_next ? frames.frames[i + 1].start_ns : frame.end_ns;
        if (frames.is_continuous && !has_next && frame.end_ns == model::kOpen) break;  // a mark that no other follows
        row.add({frame.start_ns, end_ns == model::kOpen ? trace_end_ns_ : end_ns, 0, 0}, 0, memory_);
    }
}

void Timeline::add_lock(const model::Lock& lock) {
    struct State {
        std::int64_t since_ns = 0;
        unsigned holds = 0;
        bool waits = false;
    };
    using Kind = model::LockEvent::Kind;
    Lane& lane = lanes_.emplace_back(lock.threads.size());
    std::vector<State> states(lock.threads.size());
    for (const model::LockEvent& event : lock.events) {
        if (event.thread >= states.size()) continue;
        State& state = states[event.thread];
        Row& row = lane[event.thread];
        const auto add_span = [&](model::LocationIndex what) {
            row.add({state.since_ns, event.time_ns, what, 0}, 0, memory_);
            state.since_ns = event.time_ns;
        };
        if (event.kind == Kind::Wait || event.kind == Kind::WaitShared) {
            if (state.holds != 0 || state.waits) continue;  // it has it already: nothing that could be seen
            state.waits = true;
            state.since_ns = event.time_ns;
        } else if (event.kind == Kind::Obtain || event.kind == Kind::ObtainShared) {
            if (std::exchange(state.waits, false)) add_span(kWaits);
            if (state.holds++ == 0) state.since_ns = event.time_ns;
        } else if (state.holds != 0 && --state.holds == 0) {
            add_span(kHolds);
        }
    }
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (!states[i].waits && states[i].holds == 0) continue;
        lane[i].add({states[i].since_ns, trace_end_ns_, states[i].waits ? kWaits : kHolds, 0}, 0, memory_);
    }
}

/// By the times of the GPU, or those of the processor where it never told them.
void Timeline::add_gpu_row(const model::GpuRow& zones) {
    Lane& lane = lanes_.emplace_back();
    std::vector<RowZone> open;
    const auto end_one = [&] {
        lane[open.size() - 1].add(open.back(), 0, memory_);
        open.pop_back();
    };
    for (const model::GpuZone& zone : zones.zones) {
        while (open.size() > zone.depth) end_one();
        if (!open.empty()) ++open.back().children;
        const bool is_told = zone.gpu_begin_ns >= 0;
        const std::int64_t end_ns = is_told ? zone.gpu_end_ns : zone.end_ns;
        open.push_back({is_told ? zone.gpu_begin_ns : zone.begin_ns, end_ns == model::kOpen ? trace_end_ns_ : end_ns,
                        zone.location, 0});
        if (lane.size() < open.size()) lane.emplace_back();
    }
    while (!open.empty()) end_one();
}

/// Each in the first row that is free; its location is its place among all of them.
void Timeline::add_sections(const std::vector<model::ProgramSection>& sections) {
    Lane& lane = lanes_.emplace_back();
    std::vector<std::int64_t> ends;  // of the rows
    for (std::size_t i = 0; i < sections.size(); ++i) {
        const std::int64_t begin_ns = sections[i].begin_ns;
        const std::int64_t end_ns = sections[i].end_ns == model::kOpen ? trace_end_ns_ : sections[i].end_ns;
        auto row = std::ranges::find_if(ends, [&](std::int64_t end) { return end <= begin_ns; });
        if (row == ends.end()) {
            if (ends.size() == kMostSectionRows) continue;
            row = ends.insert(ends.end(), 0);
            lane.emplace_back();
        }
        *row = std::max(begin_ns, end_ns);
        lane[static_cast<std::size_t>(row - ends.begin())].add(
            {begin_ns, *row, static_cast<model::LocationIndex>(i), 0}, 0, memory_);
    }
}

/// Each until the next one, or for as long as they are apart by rule; its location is its call stack.
void Timeline::add_samples(const std::vector<model::Sample>& samples, std::int64_t period_ns) {
    Lane& lane = lanes_.emplace_back();
    if (samples.empty()) return;
    Row& row = lane.emplace_back();
    for (std::size_t i = 0; i < samples.size(); ++i) {
        std::int64_t end_ns = samples[i].time_ns + std::max<std::int64_t>(period_ns, 0);
        if (i + 1 < samples.size()) end_ns = std::min(end_ns, samples[i + 1].time_ns);
        row.add({samples[i].time_ns, std::max(end_ns, samples[i].time_ns), samples[i].callstack, 0}, 0, memory_);
    }
}

void Timeline::add_told(const model::Trace& trace) {
    for (const model::GpuContext& context : trace.gpu_contexts) {
        for (const model::GpuRow& row : context.rows) add_gpu_row(row);
    }
    gpus_ = lanes_.size() - stored_;
    add_sections(trace.sections);
    for (const model::Thread& thread : trace.threads) add_samples(thread.samples, trace.info.sampling_period_ns);
    for (std::size_t i = stored_; i < lanes_.size(); ++i) {
        for (Row& row : lanes_[i]) row.finish(memory_);
    }
}

}  // namespace tracypy::analysis
