#include "model/switch_builder.hpp"

#include <algorithm>
#include <utility>

#include "model/zones.hpp"

namespace tracypy::model {
namespace {

/// The reason of a run that has not begun: its thread was woken.
constexpr std::int8_t kWakeup = -2;

}  // namespace

bool SwitchBuilder::take(const events::ContextSwitch& change) {
    const bool fits = change.from == 0 || end(change);
    if (change.to != 0) begin(change);
    return fits;
}

bool SwitchBuilder::end(const events::ContextSwitch& change) {
    std::vector<ProcessorRun>& runs = processors_[change.processor];
    if (!runs.empty() && runs.back().end_ns == kOpen) runs.back().end_ns = std::max(change.ticks, runs.back().begin_ns);
    const auto known = threads_.find(change.from);
    if (known == threads_.end() || known->second.switches.empty()) return true;
    ContextSwitch& last = known->second.switches.back();
    if (last.end_ns != kOpen || last.reason == kWakeup) return false;
    last.end_ns = std::max(change.ticks, last.begin_ns);
    last.reason = change.reason;
    last.state = change.state;
    ThreadTime& time = times_[change.from];
    ++time.runs;
    time.running_ns += last.end_ns - last.begin_ns;
    return true;
}

void SwitchBuilder::begin(const events::ContextSwitch& change) {
    ThreadState& thread = threads_[change.to];
    std::vector<ContextSwitch>& all = thread.switches;
    bool has_moved = false;
    if (!all.empty() && all.back().reason == kWakeup) {
        if (all.size() > 1) has_moved = all[all.size() - 2].processor != change.processor;
    } else {
        if (!all.empty()) has_moved = all.back().processor != change.processor;
        // Told to run on while it runs: the end was not told.
        if (!all.empty() && all.back().end_ns == kOpen) all.back().end_ns = std::max(change.ticks, all.back().begin_ns);
        const base::Ticks before = all.empty() ? change.ticks + 1 : all.back().woken_ns;
        ContextSwitch& added = all.emplace_back();
        added.woken_ns = change.ticks;
        added.woken_processor = change.waker;
        if (thread.woken != 0 && before <= thread.woken && thread.woken <= change.ticks) {
            added.woken_ns = std::exchange(thread.woken, 0);
            added.woken_processor = thread.woken_processor;
        }
    }
    ContextSwitch& run = all.back();
    run.begin_ns = change.ticks;
    run.end_ns = kOpen;
    run.processor = change.processor;
    run.reason = run.state = -1;
    if (has_moved) ++times_[change.to].migrations;
    std::vector<ProcessorRun>& runs = processors_[change.processor];
    if (!runs.empty() && runs.back().end_ns == kOpen) runs.back().end_ns = std::max(change.ticks, runs.back().begin_ns);
    runs.push_back({change.ticks, kOpen, change.to});
}

bool SwitchBuilder::take(const events::ThreadWakeup& wakeup) {
    ThreadState& thread = threads_[wakeup.woken];
    if (!thread.switches.empty() && thread.switches.back().end_ns == kOpen) {
        thread.woken = wakeup.ticks;
        thread.woken_processor = wakeup.processor;
        return true;
    }
    ContextSwitch& added = thread.switches.emplace_back();
    added.woken_ns = added.begin_ns = wakeup.ticks;
    added.woken_processor = wakeup.processor;
    added.reason = kWakeup;
    return true;
}

std::int64_t SwitchBuilder::finish_rest(Switches& switches, const TimeScale& to_ns) {
    std::int64_t last = 0;
    const auto scale = [&](std::int64_t& time) {
        if (time != kOpen) time = to_ns(time);
        last = std::max(last, time);
    };
    for (ThreadSwitches& thread : switches.threads) {
        for (ContextSwitch& one : thread.switches) {
            scale(one.woken_ns);
            scale(one.begin_ns);
            scale(one.end_ns);
        }
    }
    switches.processors = std::move(processors_);
    for (std::vector<ProcessorRun>& runs : switches.processors) {
        for (ProcessorRun& run : runs) {
            scale(run.begin_ns);
            scale(run.end_ns);
        }
    }
    for (const auto& [thread, process] : processes_) switches.processes.push_back({thread, process});
    for (auto& [thread, time] : times_) {
        time.thread = thread;
        time.running_ns = to_ns.duration(time.running_ns);
        switches.times.push_back(time);
    }
    return last;
}

}  // namespace tracypy::model
