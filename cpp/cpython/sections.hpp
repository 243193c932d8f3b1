// Sections of the program's run from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// section() and its type. False with an exception set.
bool add_sections_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
