// Timelines of GPUs from Python.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// GpuContext and its zones. False with an exception set.
bool add_gpu_to(PyObject* module) noexcept;

/// In a forked child: what threads share that it does not have.
void renew_gpu_locks() noexcept;

}  // namespace tracypy::cpython
