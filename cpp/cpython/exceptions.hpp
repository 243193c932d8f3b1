// Exceptions as messages: one where each is raised.
#pragma once

#include <cstddef>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Handler of RAISE: (code, offset, exception). The event comes for every frame that an exception leaves, too.
PyObject* on_raise(PyObject*, PyObject* const* arguments, std::size_t, PyObject*) noexcept;

}  // namespace tracypy::cpython
