// Frame marks from Python.
#pragma once

#include "cpython/compat.hpp"
#include "events/event.hpp"

namespace tracypy::cpython {

/// frame_mark(name) and its like; `name` may be None for a continuous set. False with a TypeError set that names
/// `function`.
bool mark_frame(const char* function, PyObject* name, events::FrameMarkKind kind);

}  // namespace tracypy::cpython
