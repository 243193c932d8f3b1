#include "model/machine_builder.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tracypy::model {
namespace {

/// In files, references to stacks have 24 bits.
constexpr std::size_t kMostStacks = (std::size_t{1} << 24) - 1;

/// Of an address as files have it.
constexpr bool is_of_kernel(std::uint64_t address) noexcept {
    return (address >> 61 & 1) != 0;
}

}  // namespace

// Two samples of one moment are the kernel's half of a stack and the program's. Where clocks are coarse there may be
// thousands: then two at a time are one, since a stack that took them all would outgrow the 16 bits that files count
// with.
void MachineBuilder::take(const events::Sample& sample, std::uint32_t stack, Thread& thread, MachineBuilder& all) {
    std::vector<Sample>& samples = thread.samples;
    const bool is_second_half = !sample.is_at_switch && !samples.empty() && samples.back().callstack < kJoined &&
                                samples.back().time_ns == sample.ticks && sample.ticks != 0;
    if (is_second_half) {
        all.joined_.push_back({samples.back().callstack, stack});
        samples.back().callstack = kJoined | static_cast<std::uint32_t>(all.joined_.size() - 1);
        return;
    }
    samples.push_back({sample.ticks, stack});
    if (sample.is_at_switch) thread.switch_samples.push_back(samples.back());
}

bool MachineBuilder::take(const events::HardwareSample& sample) {
    if (sample.counter >= HardwareSamples::kKinds) return false;
    hardware_samples_[static_cast<std::uint64_t>(sample.address)].times_ns[sample.counter].push_back(sample.ticks);
    return true;
}

bool MachineBuilder::take(const events::CapturedLoad& load) {
    if (!std::isfinite(load.percent)) return false;
    loads_.push_back({load.ticks, load.percent});
    return true;
}

bool MachineBuilder::take(const events::EnergyReading& reading) {
    const auto [power, is_new] = powers_.try_emplace(reading.name, Power{reading.ticks, {}});
    if (is_new) return true;
    const base::Ticks since = std::exchange(power->second.last, reading.ticks);
    if (reading.ticks <= since) return false;
    power->second.points.push_back({reading.ticks, static_cast<double>(reading.microjoules)});
    power->second.starts.push_back(since);
    return true;
}

// The indices of those that were joined, in their order.
std::vector<std::uint32_t> MachineBuilder::join(Callstacks& stacks) const {
    std::map<std::vector<std::uint32_t>, std::uint32_t> known;
    std::vector<std::uint32_t> indices;
    for (const Joined& each : joined_) {
        std::vector<std::uint32_t> whole = stacks.stacks[each.inner];
        const std::vector<std::uint32_t>& below = stacks.stacks[each.outer];
        whole.insert(whole.end(), below.begin(), below.end());
        if (stacks.stacks.size() >= kMostStacks) {
            indices.push_back(each.inner);
            continue;
        }
        const auto [entry, is_new] =
            known.try_emplace(std::move(whole), static_cast<std::uint32_t>(stacks.stacks.size()));
        if (is_new) stacks.stacks.push_back(entry->first);
        indices.push_back(entry->second);
    }
    return indices;
}

void MachineBuilder::add_samples(Trace& trace, const TimeScale& to_ns) {
    const std::vector<std::uint32_t> joined = join(trace.callstacks);
    std::int64_t& last = trace.info.last_time_ns;
    const auto finish = [&](std::vector<Sample>& samples) {
        for (Sample& sample : samples) {
            if (sample.callstack >= kJoined) sample.callstack = joined[sample.callstack - kJoined];
            sample.time_ns = to_ns(sample.time_ns);
            last = std::max(last, sample.time_ns);
        }
        std::ranges::stable_sort(samples, {}, &Sample::time_ns);
    };
    for (Thread& thread : trace.threads) {
        finish(thread.samples);
        finish(thread.switch_samples);
        for (const Sample& sample : thread.samples) {
            const std::vector<std::uint32_t>& stack = trace.callstacks.stacks[sample.callstack];
            const bool is_kernel = !stack.empty() && is_of_kernel(trace.callstacks.addresses[stack.front()].address);
            if (is_kernel) ++thread.kernel_samples;
        }
    }
    for (auto& [address, samples] : hardware_samples_) {
        samples.address = address;
        for (std::vector<std::int64_t>& times : samples.times_ns) {
            for (std::int64_t& time : times) time = to_ns(time);
            std::ranges::sort(times);
            if (!times.empty()) last = std::max(last, times.back());
        }
        trace.hardware_samples.push_back(std::move(samples));
    }
}

// A watt is a joule in a second: a thousand microjoules in a nanosecond's thousandth part, hence the factor.
void MachineBuilder::add_plots(Trace& trace, const TimeScale& to_ns, const TextOf& text_of) {
    constexpr double kWatt = 1000.0;
    const auto add = [&](Plot plot, const std::vector<PlotPoint>& points) {
        for (const PlotPoint& point : points) {
            plot.points.push_back({to_ns(point.time_ns), point.value});
            trace.info.last_time_ns = std::max(trace.info.last_time_ns, plot.points.back().time_ns);
        }
        std::ranges::stable_sort(plot.points, {}, &PlotPoint::time_ns);
        trace.plots.push_back(std::move(plot));
    };
    if (!loads_.empty()) add({.kind = Plot::Kind::CpuUse, .format = Plot::Format::Percentage}, loads_);
    for (auto& [name, power] : powers_) {
        for (std::size_t i = 0; i < power.points.size(); ++i) {
            const std::int64_t ns = to_ns(power.points[i].time_ns) - to_ns(power.starts[i]);
            power.points[i].value *= kWatt / static_cast<double>(std::max<std::int64_t>(ns, 1));
        }
        add({.name = text_of(name), .kind = Plot::Kind::Power, .format = Plot::Format::Watt}, power.points);
    }
}

// As viewers do, of threads that have something of their own.
void MachineBuilder::add_switches(Trace& trace, const TimeScale& to_ns,
                                  const std::function<bool(std::size_t)>& has_zones) {
    const auto is_wanted = [&](std::uint64_t id) {
        const auto thread = std::ranges::find(trace.threads, id, &Thread::id);
        if (thread == trace.threads.end()) return false;
        return !thread->samples.empty() || has_zones(static_cast<std::size_t>(thread - trace.threads.begin()));
    };
    const std::int64_t last = switches_.finish(trace.switches, to_ns, is_wanted);
    trace.info.last_time_ns = std::max(trace.info.last_time_ns, last);
}

void MachineBuilder::finish(Trace& trace, const TimeScale& to_ns, const TextOf& text_of,
                            const std::function<bool(std::size_t)>& has_zones) {
    add_samples(trace, to_ns);
    add_plots(trace, to_ns, text_of);
    add_switches(trace, to_ns, has_zones);
}

}  // namespace tracypy::model
