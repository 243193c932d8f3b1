// Functions of `os` and `_posixsubprocess` before which we have to do something. In their modules stand others in their
// place, with the same name, text and signature, that do it and then call them; who looks at nothing else sees no
// difference. An audit hook would do for some, but can never be taken away again, and makes every id() slower.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// From now on `callback(path, command)` is called before the program starts another one, or becomes it, in whatever
/// way of `os` and `subprocess`. It returns None, or the command that shall be started instead: a list of words. What
/// it raises is raised there. Idempotent but for the callback. False with an error set.
bool ask_before_start(PyObject* callback) noexcept;

/// From now on `pause` and `resume` are called around calls that the system refuses a process with several threads.
/// Idempotent. False with an error set.
bool pause_around_unshare(void (*pause)(), void (*resume)()) noexcept;

}  // namespace tracypy::cpython
