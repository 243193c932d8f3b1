// Messages from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Adds message() to the module. False with an exception set.
bool add_messages_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
