// Memory from Python, by hand: what a program takes from an arena, a device, a pool of its own.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Adds memory_alloc() and memory_free() to the module. False with an exception set.
bool add_memory_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
