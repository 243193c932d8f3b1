// Which of the curves that tracypy draws by itself are wanted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.hpp"

namespace tracypy::cpython {

enum class BuiltInPlot : std::uint8_t { Cpu, Memory, Threads, GcObjects, AsyncioTasks };
inline constexpr std::size_t kBuiltInPlots = 5;
/// What users call them.
inline constexpr std::array<const char*, kBuiltInPlots> kBuiltInPlotWords{"cpu", "memory", "threads", "gc", "asyncio"};

/// A bit for each.
using PlotSet = std::uint8_t;
constexpr PlotSet plot_bit(BuiltInPlot plot) noexcept {
    return static_cast<PlotSet>(1u << static_cast<unsigned>(plot));
}

/// By these words; others are none.
PlotSet plots_of(const std::vector<std::string>& words) noexcept;
/// From now on these are wanted, and no others. Says how they are drawn.
void want_plots(PlotSet plots) noexcept;
/// Any thread.
PlotSet wanted_plots() noexcept;
/// Of one that is wanted, or was.
base::StringId plot_name(BuiltInPlot plot) noexcept;

}  // namespace tracypy::cpython
