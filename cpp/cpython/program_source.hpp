// Compiling a program as the interpreter does, without what compile() makes for trees of syntax, which a program may
// never want: that takes a millisecond, and a thousand objects.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// A new reference to the code of `source`, which is bytes, with a cookie for the encoding or without, or a str.
/// nullptr with the error set that compile() would set.
PyObject* compile_program(PyObject* source, PyObject* file_name) noexcept;

}  // namespace tracypy::cpython
