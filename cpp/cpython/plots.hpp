// Plots from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Adds plot() and plot_config() to the module. False with an exception set.
bool add_plots_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
