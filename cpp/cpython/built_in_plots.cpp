#include "cpython/built_in_plots.hpp"

#include <algorithm>
#include <atomic>

#include "base/names.hpp"
#include "cpython/process_recorder.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

struct Drawn {
    const char* name;
    events::PlotFormat format;
};
constexpr std::array<Drawn, kBuiltInPlots> kDrawn{{
    {"process CPU", events::PlotFormat::Percentage},
    {"resident memory", events::PlotFormat::Memory},
    {"threads", events::PlotFormat::Number},
    {"GC objects", events::PlotFormat::Number},
    {"asyncio tasks", events::PlotFormat::Number},
}};

std::atomic<PlotSet> g_wanted{0};
std::array<std::atomic<base::StringId>, kBuiltInPlots> g_names{};

/// What is counted keeps its value until the next count.
bool shows_steps(std::size_t plot) noexcept {
    return static_cast<BuiltInPlot>(plot) >= BuiltInPlot::Threads;
}

void define(std::size_t plot) {
    const base::StringId name = base::names().plots.intern(kDrawn[plot].name);
    g_names[plot].store(name, std::memory_order_relaxed);
    // What the program has said of a curve of that name counts.
    if (process_recorder().definitions().find<events::PlotStyle>(static_cast<std::uint64_t>(name))) return;
    process_recorder().define(events::PlotStyle{
        .plot = name, .format = kDrawn[plot].format, .shows_steps = shows_steps(plot), .is_filled = true});
}

}  // namespace

PlotSet plots_of(const std::vector<std::string>& words) noexcept {
    PlotSet plots = 0;
    for (std::size_t i = 0; i < kBuiltInPlots; ++i) {
        const auto found = std::find(words.begin(), words.end(), kBuiltInPlotWords[i]);
        if (found != words.end()) plots |= plot_bit(static_cast<BuiltInPlot>(i));
    }
    return plots;
}

void want_plots(PlotSet plots) noexcept {
    try {
        for (std::size_t i = 0; i < kBuiltInPlots; ++i) {
            if ((plots & plot_bit(static_cast<BuiltInPlot>(i))) != 0) define(i);
        }
        // Release: with it come the names.
        g_wanted.store(plots, std::memory_order_release);
    } catch (...) {
        g_wanted.store(0, std::memory_order_relaxed);  // out of memory
    }
}

PlotSet wanted_plots() noexcept {
    return g_wanted.load(std::memory_order_acquire);
}

base::StringId plot_name(BuiltInPlot plot) noexcept {
    return g_names[static_cast<std::size_t>(plot)].load(std::memory_order_relaxed);
}

}  // namespace tracypy::cpython
