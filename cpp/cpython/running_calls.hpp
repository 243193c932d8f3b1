// The calls that are running at this moment, as zones.
#pragma once

#include <cstddef>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Opens a zone for every call that runs on any thread, outermost first, so that a session begins with whole
/// stacks. Calls of ours are left out, and so is everything outside of `python -m tracypy`. Threads on which a zone
/// is open already are left as they are. Not `all`: functions marked by @profiled only. With the world stopped; the
/// recorder is in a session.
void open_running_calls(bool all) noexcept;

/// How many of the innermost calls of the calling thread run `code`, one directly inside the other but for hidden
/// code.
std::size_t innermost_run_of(PyObject* code) noexcept;

}  // namespace tracypy::cpython
