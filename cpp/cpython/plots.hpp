// Plots from Python.
#pragma once

#include <string_view>

#include "cpython/compat.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {

/// Says how the curve `name` is drawn. `style`: all but the plot. Any thread; throws std::bad_alloc.
void define_plot(std::string_view name, events::PlotStyle style);

/// Adds plot() and plot_config() to the module. False with an exception set.
bool add_plots_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
