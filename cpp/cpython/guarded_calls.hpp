// Functions of `os` and its like before which we have to do something: others stand in their place (wrapped_calls.hpp)
// that do it, and then call them. An audit hook would do for some, but can never be taken away again, and makes every
// id() slower.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// A function that calls `before` with what it was called with, ignores what that raises, and then calls `original`.
/// nullptr with a TypeError set if that cannot be had. A new reference.
PyObject* preceded(PyObject* original, PyObject* before) noexcept;

/// From now on `callback(path, command, is_exec)` is called before the program starts another one, or becomes it, in
/// whatever way of `os` and `subprocess`. It returns None, or the command that shall be started instead: a list of
/// words. What it raises is raised there. Idempotent but for the callback. False with an error set.
bool ask_before_start(PyObject* callback) noexcept;

/// From now on `callback(path, command)` is called then, too, and what it raises is ignored. False with an error set.
bool tell_of_starts(PyObject* callback) noexcept;

/// From now on whatever is started so has the variables of child_environment.hpp. Idempotent. False with an error set.
bool watch_starts() noexcept;

/// From now on `pause` and `resume` are called around calls that the system refuses a process with several threads.
/// Idempotent. False with an error set.
bool pause_around_unshare(void (*pause)(), void (*resume)()) noexcept;

}  // namespace tracypy::cpython
