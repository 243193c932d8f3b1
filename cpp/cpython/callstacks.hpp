// The Python call stack of the calling thread, as what an event refers to.
#pragma once

#include "base/callstacks.hpp"
#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// The innermost `depth` calls of this thread, at most CallstackTable::kMostFrames; tracypy's own, innermost ones are
/// left out. The same id for the same calls at the same lines. None for a depth of 0, without a frame, and where there
/// is no room for one more, which the recorder tells. Runs no Python code, and leaves no Python error set.
base::CallstackId current_callstack(unsigned depth) noexcept;

/// The same from inside an allocator of the interpreter: asks it for no memory, and makes no objects of the frames.
/// tracypy's own calls are not left out. None also without the GIL.
base::CallstackId callstack_in_allocator(unsigned depth) noexcept;

/// The value of an argument `callstack`: how many frames. False with TypeError or ValueError set.
bool parse_callstack(const char* function, PyObject* value, unsigned* depth) noexcept;

}  // namespace tracypy::cpython
