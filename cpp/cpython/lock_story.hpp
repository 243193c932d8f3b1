// What traces are told of locks that are made of Python code: semaphores, and those of asyncio.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Adds LockStory to the module. False with an exception set.
bool add_lock_story_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
