#include "analysis/streamed_sums.hpp"

#include <algorithm>

#include "analysis/zone_walk.hpp"
#include "model/parts.hpp"

namespace tracypy::analysis {

void FunctionTally::end(model::LocationIndex location, std::int64_t duration_ns, std::int64_t self_ns) {
    Sum& sum = sums_[location];
    if (--running_[location] == 0) add(sum.total_ns, duration_ns);
    add(sum.self_ns, self_ns);
    sum.durations.add(duration_ns);
}

std::vector<FunctionStats> FunctionTally::stats() {
    std::vector<FunctionStats> stats;
    for (std::size_t i = 0; i < sums_.size(); ++i) {
        Sum& sum = sums_[i];
        if (sum.calls == 0) continue;
        FunctionStats& function = stats.emplace_back();
        function.location = static_cast<model::LocationIndex>(i);
        function.calls = sum.calls;
        function.primitive_calls = sum.primitive_calls;
        function.total_ns = function.busy_ns = sum.total_ns;  // threads are always busy
        function.self_ns = sum.self_ns;
        sum.durations.describe(function);
    }
    std::ranges::stable_sort(stats, std::ranges::greater{}, &FunctionStats::self_ns);
    return stats;
}

void StreamedSums::start(const model::Trace& trace) {
    if (model::Parts(trace).any()) throw NeedsTables();
    trace_ = &trace;
    trace_end_ns_ = trace.info.last_time_ns;
    if (wanted_.functions) all_ = std::make_unique<FunctionTally>(trace.locations.size());
}

void StreamedSums::start_thread(std::size_t index) {
    if (trace_->threads[index].is_fiber) throw NeedsTables();
    threads_.resize(index + 1);
    if (wanted_.of_threads) threads_.back().functions = std::make_unique<FunctionTally>(trace_->locations.size());
    if (wanted_.trees) nodes_ = std::make_unique<PairNumbers>();
}

std::uint32_t StreamedSums::node_of(model::LocationIndex location) {
    CallTree& tree = threads_.back().tree;
    const std::uint32_t above = open_.empty() ? 0 : open_.back().node + 1;
    const std::uint32_t node = nodes_->of(above, location);
    if (node == tree.parent.size()) {
        tree.parent.push_back(static_cast<std::int64_t>(above) - 1);
        tree.location.push_back(location);
        tree.calls.push_back(0);
        tree.total_ns.push_back(0);
        tree.self_ns.push_back(0);
    }
    ++tree.calls[node];
    return node;
}

void StreamedSums::begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t, std::uint32_t) {
    open_.push_back({start_ns, 0, location, wanted_.trees ? node_of(location) : 0});
    if (all_) all_->begin(location);
    if (threads_.back().functions) threads_.back().functions->begin(location);
    ++threads_.back().zones;
}

void StreamedSums::end(std::int64_t end_ns) {
    const Open zone = open_.back();
    open_.pop_back();
    ThreadSums& thread = threads_.back();
    const std::int64_t duration = duration_ns({zone.start_ns, end_ns, 0, 0, 0, 0}, trace_end_ns_);
    const std::int64_t self = duration > zone.children_ns ? duration - zone.children_ns : 0;
    add(open_.empty() ? thread.busy_ns : open_.back().children_ns, duration);
    if (all_) all_->end(zone.location, duration, self);
    if (thread.functions) thread.functions->end(zone.location, duration, self);
    if (wanted_.trees) {
        add(thread.tree.total_ns[zone.node], duration);
        add(thread.tree.self_ns[zone.node], self);
    }
}

std::vector<FunctionStats> StreamedSums::functions(std::optional<std::size_t> thread) {
    if (thread && *thread >= threads_.size()) {
        throw base::ValueError(base::problem<base::ErrorCode::NoSuchThread>());
    }
    FunctionTally* const tally = thread ? threads_[*thread].functions.get() : all_.get();
    return tally == nullptr ? std::vector<FunctionStats>() : tally->stats();
}

}  // namespace tracypy::analysis
