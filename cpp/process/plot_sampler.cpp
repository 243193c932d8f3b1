#include "process/plot_sampler.hpp"

#include "base/clock.hpp"
#include "cpython/object_counts.hpp"
#include "io/memory.hpp"
#include "io/process_load.hpp"

namespace tracypy::process {
namespace {

using cpython::BuiltInPlot;
using cpython::PlotSet;

constexpr std::int64_t kEveryNs = 100'000'000;
constexpr PlotSet kOfObjects = plot_bit(BuiltInPlot::GcObjects) | plot_bit(BuiltInPlot::AsyncioTasks);

bool has(PlotSet plots, BuiltInPlot plot) noexcept {
    return (plots & plot_bit(plot)) != 0;
}

void draw(events::EventSink& sink, BuiltInPlot plot, base::Ticks tick, double value) {
    const events::PlotPoint point{tick, cpython::plot_name(plot), value};
    sink.take({&point, 1});
}

void draw_known(events::EventSink& sink, BuiltInPlot plot, std::uint64_t value) {
    if (value != 0) draw(sink, plot, base::now_ticks(), static_cast<double>(value));
}

}  // namespace

void PlotSampler::sample(events::EventSink& sink, std::uint64_t epoch) {
    const PlotSet wanted = cpython::wanted_plots();
    if (wanted == 0) return;
    const std::int64_t now_ns = base::monotonic_ns();
    if (epoch != epoch_) {
        epoch_ = epoch;
        start(now_ns);
        return measure(sink, wanted & static_cast<PlotSet>(~plot_bit(BuiltInPlot::Cpu)), now_ns);
    }
    if (now_ns - measured_ns_ >= kEveryNs) measure(sink, wanted, now_ns);
    if ((wanted & kOfObjects) == 0) return;
    const auto counts = cpython::take_object_counts();
    if (!counts) return;
    if (has(wanted, BuiltInPlot::GcObjects)) {
        draw(sink, BuiltInPlot::GcObjects, counts->tick, static_cast<double>(counts->objects));
    }
    if (has(wanted, BuiltInPlot::AsyncioTasks) && counts->tasks) {
        draw(sink, BuiltInPlot::AsyncioTasks, counts->tick, static_cast<double>(*counts->tasks));
    }
}

/// What was measured for an earlier session is none of this one's.
void PlotSampler::start(std::int64_t now_ns) {
    (void)cpython::take_object_counts();
    cpu_at_ns_ = now_ns;
    cpu_ns_ = io::process_cpu_ns();
}

void PlotSampler::measure(events::EventSink& sink, PlotSet wanted, std::int64_t now_ns) {
    measured_ns_ = now_ns;
    if (has(wanted, BuiltInPlot::Cpu)) measure_cpu(sink, now_ns);
    if (has(wanted, BuiltInPlot::Memory)) draw_known(sink, BuiltInPlot::Memory, io::resident_bytes());
    if (has(wanted, BuiltInPlot::Threads)) draw_known(sink, BuiltInPlot::Threads, io::thread_count());
    if ((wanted & kOfObjects) != 0) cpython::ask_for_object_counts(now_ns);
}

/// Since the last time, in percent of one processor.
void PlotSampler::measure_cpu(events::EventSink& sink, std::int64_t now_ns) {
    const std::int64_t cpu_ns = io::process_cpu_ns();
    const auto busy = static_cast<double>(cpu_ns - cpu_ns_), elapsed = static_cast<double>(now_ns - cpu_at_ns_);
    if (elapsed > 0) draw(sink, BuiltInPlot::Cpu, base::now_ticks(), 100 * busy / elapsed);
    cpu_at_ns_ = now_ns;
    cpu_ns_ = cpu_ns;
}

}  // namespace tracypy::process
