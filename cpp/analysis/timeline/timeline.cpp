#include "analysis/timeline/timeline.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"

namespace tracypy::analysis {

Timeline::Timeline(const model::Trace& trace) {
    start(trace);
    for (std::size_t i = 0; i < trace.threads.size(); ++i) {
        start_thread(i);
        std::vector<std::int64_t> ends;
        for (const model::Zone& zone : trace.threads[i].zones) {
            for (; ends.size() > zone.depth; ends.pop_back()) end(ends.back());
            begin(zone.location, zone.start_ns, zone.extra, zone.children);
            ends.push_back(zone.end_ns);
        }
        for (; !ends.empty(); ends.pop_back()) end(ends.back());
    }
    finish(trace);
}

void Timeline::start(const model::Trace& trace) {
    trace_end_ns_ = trace.info.last_time_ns;
    functions_ = std::make_unique<FunctionSums>(trace);
}

void Timeline::start_thread(std::size_t index) {
    lanes_.resize(std::max(lanes_.size(), index + 1));
    threads_ = lanes_.size();
}

void Timeline::begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
                     std::uint32_t children) {
    open_.push_back({{start_ns, model::kOpen, location, children}, extra});
    functions_->begin(location);
    if (lanes_.back().size() < open_.size()) lanes_.back().emplace_back();
}

void Timeline::end(std::int64_t end_ns) {
    Open done = open_.back();
    open_.pop_back();
    done.zone.end_ns = end_ns == model::kOpen ? trace_end_ns_ : end_ns;
    const bool is_in_order = lanes_.back()[open_.size()].add(done.zone, done.extra, memory_);
    mended_ += is_in_order ? 0 : 1;
    functions_->end(done.zone.end_ns > done.zone.start_ns ? done.zone.duration_ns() : 0);
}

void Timeline::finish(const model::Trace& trace) {
    lanes_.resize(trace.threads.size());
    threads_ = lanes_.size();
    if (!functions_) functions_ = std::make_unique<FunctionSums>(trace);
    for (std::size_t i = 0; i < trace.frame_sets.size(); ++i) add_frames(trace, i);
    for (const model::Lock& lock : trace.locks) add_lock(lock);
    for (Lane& lane : lanes_) {
        for (Row& row : lane) row.finish(memory_);
    }
}

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

const Lane& Timeline::lane(std::size_t index) const {
    if (index >= lanes_.size()) throw base::ValueError(base::problem<base::ErrorCode::NoSuchThread>());
    return lanes_[index];
}

std::size_t Timeline::memory_bytes() const noexcept {
    std::size_t bytes = memory_.bytes();
    for (const Lane& lane : lanes_) {
        for (const Row& row : lane) bytes += row.memory_bytes();
    }
    return bytes;
}

}  // namespace tracypy::analysis
