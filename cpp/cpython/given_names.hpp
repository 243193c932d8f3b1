// Names that the program gives for traces, from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// set_thread_name(name), of the calling thread: `thread` is its object of `threading`. False with a TypeError or a
/// ValueError set.
bool set_thread_name(PyObject* thread, PyObject* name);

}  // namespace tracypy::cpython
