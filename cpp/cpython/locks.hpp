// Locks of the program's that traces show: tracypy.Lock and tracypy.RLock.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Adds Lock and RLock to the module. False with an exception set.
bool add_locks_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
