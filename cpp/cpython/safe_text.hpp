// Texts for values of the program, made without running any of its code: a __repr__ or a __str__ may raise, sleep, call
// itself, or call tracypy.
#pragma once

#include <string>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// As repr() for values of built-in types, cut short. Other objects are shown by their attributes: `Point(x=1, y=2)`.
/// Leaves no error set. Throws std::bad_alloc.
std::string safe_repr(PyObject* value);

/// "ValueError: what it says"; the second half as str() would have it, where that runs no code of the program.
/// Leaves no error set. Throws std::bad_alloc.
std::string exception_text(PyObject* exception);

/// `text`, a str, as UTF-8, cut to so many characters. Throws std::bad_alloc.
std::string cut_text(PyObject* text, Py_ssize_t most);

}  // namespace tracypy::cpython
