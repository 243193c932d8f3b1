#include "model/capture_builder.hpp"

#include <algorithm>
#include <cmath>

#include "base/dxt1.hpp"

namespace tracypy::model {

CaptureBuilder::CaptureBuilder(TraceBuilder& builder, base::Names& names) : builder_(builder), names_(names) {
    builder_.tables().take_locks_as_told();
}

bool CaptureBuilder::take(const events::CapturedImage& event) {
    const bool is_whole = event.width % base::kBlockPixels == 0 && event.height % base::kBlockPixels == 0 &&
                          !event.data.empty() && event.data.size() == base::dxt1_bytes(event.width, event.height);
    if (!is_whole || image_bytes_ + event.data.size() > kMostImageBytes) return false;
    image_bytes_ += event.data.size();
    images_.push_back({event.frame, event.width, event.height, event.is_flipped, std::string(event.data)});
    return true;
}

bool CaptureBuilder::take(const events::CapturedLockName& event) {
    const Lock* const lock = builder_.tables().lock_of(event.lock);
    if (lock == nullptr) return false;
    lock_names_.emplace_back(static_cast<std::size_t>(lock - builder_.tables().trace().locks.data()), event.name);
    return true;
}

bool CaptureBuilder::take(const events::CapturedLockEnd& event) {
    Lock* const lock = builder_.tables().lock_of(event.lock);
    if (lock != nullptr) lock->ended_ns = std::max(event.ticks, lock->made_ns);
    return lock != nullptr;
}

bool CaptureBuilder::take(const events::CapturedLockMark& event) {
    TraceTables& tables = builder_.tables();
    Lock* const lock = tables.lock_of(event.lock);
    if (lock == nullptr) return false;
    const auto thread = std::ranges::find(lock->threads, std::uint64_t{event.thread});
    const auto number = static_cast<std::uint8_t>(thread - lock->threads.begin());
    const auto is_step = [&](const LockEvent& step) {
        return step.thread == number && step.kind != LockEvent::Kind::Release &&
               step.kind != LockEvent::Kind::ReleaseShared;
    };
    const auto step = std::find_if(lock->events.rbegin(), lock->events.rend(), is_step);
    if (thread == lock->threads.end() || step == lock->events.rend()) return false;
    step->mark = tables.location_of(static_cast<std::uint64_t>(event.location));
    return true;
}

// Two samples of one moment are the kernel's half of a stack and the program's.
bool CaptureBuilder::take(const events::CapturedSample& event) {
    TraceTables& tables = builder_.tables();
    Thread& thread = tables.trace().threads[tables.thread_of(event.thread)];
    const Sample sample{event.ticks, static_cast<std::uint32_t>(event.callstack)};
    if (!event.is_at_switch && !thread.samples.empty() && thread.samples.back().time_ns == sample.time_ns &&
        event.ticks != 0) {
        thread.samples.back().callstack = join_stacks(thread.samples.back().callstack, sample.callstack);
        return true;
    }
    if (is_kernel_stack(sample.callstack)) ++thread.kernel_samples;
    thread.samples.push_back(sample);
    if (event.is_at_switch) thread.switch_samples.push_back(sample);
    return true;
}

bool CaptureBuilder::is_kernel_stack(std::uint32_t stack) const {
    const std::vector<std::uint32_t>& addresses = names_.native.stacks[stack];
    return !addresses.empty() && names_.native.addresses[addresses.front()].address >> 63 != 0;
}

std::uint32_t CaptureBuilder::join_stacks(std::uint32_t inner, std::uint32_t outer) {
    std::vector<std::uint32_t> joined = names_.native.stacks[inner];
    const std::vector<std::uint32_t>& below = names_.native.stacks[outer];
    joined.insert(joined.end(), below.begin(), below.end());
    constexpr std::size_t kMostStacks = (std::size_t{1} << 24) - 1;  // in files
    if (names_.native.stacks.size() >= kMostStacks) return inner;
    const auto [known, is_new] =
        joined_stacks_.try_emplace(std::move(joined), static_cast<std::uint32_t>(names_.native.stacks.size()));
    if (is_new) names_.native.stacks.push_back(known->first);
    return known->second;
}

bool CaptureBuilder::take(const events::CapturedHardwareSample& event) {
    if (event.kind >= HardwareSamples::kKinds) return false;
    hardware_samples_[event.address].times_ns[event.kind].push_back(event.ticks);
    return true;
}

bool CaptureBuilder::take(const events::CapturedProcessor& event) {
    std::vector<ProcessorPlace>& places = builder_.tables().trace().processors;
    const ProcessorPlace place{event.package, event.die, event.core, event.thread};
    if (std::ranges::find(places, place.thread, &ProcessorPlace::thread) != places.end()) return false;
    places.push_back(place);
    return true;
}

bool CaptureBuilder::take(const events::CapturedCrash& event) {
    TraceTables& tables = builder_.tables();
    Crash& crash = tables.trace().crash;
    crash.thread = tables.trace().threads[tables.thread_of(event.thread)].id;
    crash.time_ns = event.ticks;
    crash.callstack = tables.callstack_of(event.callstack);
    crash_text_ = event.text;
    return true;
}

bool CaptureBuilder::take(const events::CapturedLoad& event) {
    if (!std::isfinite(event.percent)) return false;
    loads_.push_back({event.ticks, event.percent});
    return true;
}

bool CaptureBuilder::take(const events::CapturedEnergy& event) {
    const auto [power, is_new] =
        powers_.try_emplace(static_cast<std::uint64_t>(event.name), Power{event.name, event.ticks, {}});
    if (is_new) return true;
    const base::Ticks since = std::exchange(power->second.last, event.ticks);
    if (event.ticks <= since) return false;
    power->second.points.push_back({event.ticks, static_cast<double>(event.microjoules)});
    power->second.starts.push_back(since);
    return true;
}

void CaptureBuilder::add_images(Trace& trace) {
    std::vector<FrameImage>& images = trace.frame_images;
    for (FrameImage& image : images_) {
        if (image.frame < trace.frame_sets[0].frames.size()) {
            images.push_back(std::move(image));
        } else {
            ++lost_images_;
        }
    }
    std::ranges::stable_sort(images, {}, &FrameImage::frame);
    const auto twice = std::ranges::unique(images, {}, &FrameImage::frame);
    lost_images_ += twice.size();
    images.erase(twice.begin(), twice.end());
}

void CaptureBuilder::add_samples(Trace& trace, const TimeScale& to_ns) {
    std::int64_t& last = trace.info.last_time_ns;
    const auto scale = [&](std::vector<Sample>& samples) {
        for (Sample& sample : samples) {
            sample.time_ns = to_ns(sample.time_ns);
            last = std::max(last, sample.time_ns);
        }
        std::ranges::stable_sort(samples, {}, &Sample::time_ns);
    };
    for (Thread& thread : trace.threads) {
        scale(thread.samples);
        scale(thread.switch_samples);
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
void CaptureBuilder::add_plots(Trace& trace, const TimeScale& to_ns) {
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
    for (auto& [number, power] : powers_) {
        for (std::size_t i = 0; i < power.points.size(); ++i) {
            const std::int64_t ns = to_ns(power.points[i].time_ns) - to_ns(power.starts[i]);
            power.points[i].value *= kWatt / static_cast<double>(std::max<std::int64_t>(ns, 1));
        }
        const TextId name = trace.strings.intern(names_.strings.find(power.name).text);
        add({.name = name, .kind = Plot::Kind::Power, .format = Plot::Format::Watt}, power.points);
    }
}

// As viewers do, of threads that have something of their own.
void CaptureBuilder::add_switches(Trace& trace, const TimeScale& to_ns) {
    const auto is_wanted = [&](std::uint64_t id) {
        const auto thread = std::ranges::find(trace.threads, id, &Thread::id);
        return thread != trace.threads.end() && (!thread->zones.empty() || !thread->samples.empty());
    };
    const std::int64_t last = switches_.finish(trace.switches, to_ns, is_wanted);
    trace.info.last_time_ns = std::max(trace.info.last_time_ns, last);
}

Trace CaptureBuilder::finish(base::Ticks now, TraceInfo info) {
    TraceTables& tables = builder_.tables();
    gpus_.finish(tables.trace(), tables);
    for (const auto& [lock, name] : lock_names_) tables.trace().locks[lock].name = tables.text_of(name);
    if (crash_text_ != base::StringId::None) tables.trace().crash.message = tables.text_of(crash_text_);
    std::vector<GpuContext> gpus = std::move(tables.trace().gpu_contexts);
    Trace trace = builder_.finish(now, std::move(info), TraceBuilder::OpenZones::Keep);
    trace.gpu_contexts = std::move(gpus);
    const TimeScale to_ns{0, trace.info.ns_per_tick};
    CapturedGpus::scale(trace, to_ns);
    for (Lock& lock : trace.locks) lock.ended_ns = to_ns(lock.ended_ns);
    trace.crash.time_ns = to_ns(trace.crash.time_ns);
    add_images(trace);
    add_samples(trace, to_ns);
    add_plots(trace, to_ns);
    add_switches(trace, to_ns);
    return trace;
}

}  // namespace tracypy::model
