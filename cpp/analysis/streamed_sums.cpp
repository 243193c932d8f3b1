#include "analysis/streamed_sums.hpp"

#include "model/parts.hpp"

namespace tracypy::analysis {

void StreamedSums::start_sums(const model::Trace& trace, bool has_parts) {
    trace_ = &trace;
    has_parts_ = has_parts;
    trace_end_ns_ = trace.info.last_time_ns;
    threads_.clear();
    tasks_ = {};
    all_.reset();
    if (wanted_.functions) all_ = new_tally();
}

void StreamedSums::start_row(std::size_t index) {
    is_fiber_ = trace_->threads[index].is_fiber;
    threads_.resize(index + 1);
    if (is_fiber_) tasks_.start_row(*trace_, index);
    if (wanted_.of_threads) threads_.back().functions = new_tally();
    if (wanted_.trees) nodes_ = std::make_unique<PairNumbers>();
}

void StreamedSums::start(const model::Trace& trace) {
    if (model::Parts(trace).any() || (wanted_.trees && is_part_)) throw NeedsOrder();
    start_sums(trace, false);
}

void StreamedSums::start_thread(std::size_t index) {
    start_row(index);
}

std::uint32_t StreamedSums::node_of(std::uint32_t above, model::LocationIndex location) {
    CallTree& tree = threads_.back().tree;
    const std::uint32_t node = nodes_->of(above, location);
    if (node == tree.parent.size()) {
        tree.parent.push_back(static_cast<std::int64_t>(above) - 1);
        tree.location.push_back(location);
        tree.calls.push_back(0);
        tree.total_ns.push_back(0);
        tree.self_ns.push_back(0);
    }
    return node;
}

void StreamedSums::begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t, std::uint32_t) {
    std::uint32_t node = 0;
    if (wanted_.trees) {
        node = node_of(open_.empty() ? 0 : open_.back().node + 1, location);
        ++threads_.back().tree.calls[node];
    }
    open_.push_back({start_ns, 0, location, node, false});
    if (all_) all_->open(location);
    if (threads_.back().functions) threads_.back().functions->open(location);
}

/// As a rule nothing in it is wanted either: what it holds took no longer, and lies in no other time.
void StreamedSums::end_other(const Open& zone) {
    if (zone.has_wanted_ones) throw NeedsOrder();
    each_tally(threads_.size() - 1, [&](FunctionTally& tally) { tally.close_other(zone.location); });
}

void StreamedSums::end(std::int64_t end_ns) {
    const Open zone = open_.back();
    open_.pop_back();
    if (is_part_ && !model::is_wanted(wanted_.part, zone.start_ns, end_ns, trace_end_ns_)) return end_other(zone);
    ThreadSums& thread = threads_.back();
    const std::int64_t duration = duration_ns({zone.start_ns, end_ns, 0, 0, 0, 0}, trace_end_ns_);
    const std::int64_t self = duration > zone.children_ns ? duration - zone.children_ns : 0;
    ++thread.zones;
    if (open_.empty()) {
        add(thread.busy_ns, duration);
        if (is_fiber_) tasks_.add(duration);
    } else {
        add(open_.back().children_ns, duration);
        open_.back().has_wanted_ones = true;
    }
    // Of fibers it is added later: FiberBusy.
    const CallTimes times{duration, is_fiber_ ? 0 : duration, self};
    each_tally(threads_.size() - 1, [&](FunctionTally& tally) {
        tally.close(zone.location, true, times);
        tally.lasted(zone.location, duration);
    });
    if (wanted_.trees) {
        add(thread.tree.total_ns[zone.node], duration);
        add(thread.tree.self_ns[zone.node], self);
    }
}

void StreamedSums::add_up(const model::Trace& trace, model::ZoneSupply& zones) {
    const model::Parts parts(trace);
    const auto enter = [&](const model::Zone& zone, std::int64_t duration, const OpenZone* parent) {
        ThreadSums& thread = threads_.back();
        const model::LocationIndex whole = parts.whole(zone.location);
        const bool is_part = parts.is_part(zone.location);
        ++thread.zones;
        if (parent == nullptr) {
            add(thread.busy_ns, duration);
            if (is_fiber_) tasks_.add(duration);
        }
        each_tally(threads_.size() - 1, [&](FunctionTally& tally) {
            tally.open(whole);
            tally.lasted(whole, duration, is_part);
        });
        if (!wanted_.trees) return 0u;
        const std::uint32_t node = node_of(parent == nullptr ? 0 : parent->tag + 1, whole);
        thread.tree.calls[node] += is_part ? 0 : 1;
        add(thread.tree.total_ns[node], duration);
        return node;
    };
    const auto leave = [&](const OpenZone& zone) {
        const bool is_part = parts.is_part(zone.zone.location);
        const CallTimes times{zone.duration_ns, zone.busy_ns, zone.self_ns()};
        each_tally(threads_.size() - 1,
                   [&](FunctionTally& tally) { tally.close(parts.whole(zone.zone.location), !is_part, times); });
        if (wanted_.trees) add(threads_.back().tree.self_ns[zone.tag], zone.self_ns());
    };
    start_sums(trace, parts.any());
    for (std::size_t i = 0; i < trace.threads.size(); ++i) {
        start_row(i);
        zones.start(i, false);
        walk(trace.threads[i], [&] { return zones.more().zones; }, trace_end_ns_, enter, leave);
        if (threads_.back().functions) threads_.back().functions->finish_parts();
    }
    if (all_) all_->finish_parts();
}

std::vector<FunctionStats> StreamedSums::functions(std::optional<std::size_t> thread) {
    if (thread && *thread >= threads_.size()) {
        throw base::ValueError(base::problem<base::ErrorCode::NoSuchThread>());
    }
    FunctionTally* const tally = thread ? threads_[*thread].functions.get() : all_.get();
    return tally == nullptr ? std::vector<FunctionStats>() : tally->stats();
}

bool FiberBusy::wants(std::size_t thread) const {
    return trace_.threads[thread].is_fiber && sums_.threads_[thread].zones != 0;
}

void FiberBusy::start_thread(std::size_t index) {
    thread_ = index;
    run_time_.emplace(trace_.threads[index], trace_.info.last_time_ns);
}

void FiberBusy::begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t, std::uint32_t) {
    open_.push_back({start_ns, location});
    ++running_[location];
}

void FiberBusy::end(std::int64_t end_ns) {
    const Open zone = open_.back();
    open_.pop_back();
    if (--running_[zone.location] != 0) return;
    const std::int64_t last_ns = trace_.info.last_time_ns;
    if (sums_.is_part_ && !model::is_wanted(sums_.wanted_.part, zone.start_ns, end_ns, last_ns)) return;
    const std::int64_t busy = run_time_->busy_ns({zone.start_ns, end_ns, 0, 0, 0, 0});
    sums_.each_tally(thread_, [&](FunctionTally& tally) { tally.add_busy(zone.location, busy); });
}

}  // namespace tracypy::analysis
