// Names that the program gives for traces, from Python.
#pragma once

#include <string_view>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Any thread; throws std::bad_alloc.
void define_program_name(std::string_view name);

// Each is false with a TypeError or a ValueError set.

/// set_program_name(name)
bool set_program_name(PyObject* name);
/// set_thread_name(name), of the calling thread: `thread` is its object of `threading`.
bool set_thread_name(PyObject* thread, PyObject* name);

}  // namespace tracypy::cpython
