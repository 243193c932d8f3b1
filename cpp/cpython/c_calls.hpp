// Calls of C functions as zones.
#pragma once

#include <cstddef>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// What bindings make their functions of: those are tracypy's own, and no zones.
void set_own_function_type(PyTypeObject* type) noexcept;

/// Handler of CALL: (code, offset, callable, first argument). It comes for calls of Python functions, too.
PyObject* on_call(PyObject*, PyObject* const* arguments, std::size_t, PyObject*) noexcept;
/// Handler of C_RETURN and C_RAISE, with the same arguments. They come when what was called is no Python function.
PyObject* on_c_end(PyObject*, PyObject* const* arguments, std::size_t, PyObject*) noexcept;

}  // namespace tracypy::cpython
