// Application information from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// app_info(text). False with a TypeError set.
bool add_app_info(PyObject* text);

}  // namespace tracypy::cpython
