#include "analysis/timeline/timeline.hpp"

#include <algorithm>

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
    stored_ = lanes_.size();
    for (Lane& lane : lanes_) {
        for (Row& row : lane) row.finish(memory_);
    }
    add_told(trace);
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
