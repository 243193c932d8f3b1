// A built-in function with something before it, which looks and is called like the function itself.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// A built-in function with the name, the text and the module of `original`, also one. It calls `before`, then
/// `original`, each with what it was called with itself. What `before` raises is ignored. At most so many can be made;
/// then, or for another kind of function, TypeError.
inline constexpr int kMostPreceded = 16;
PyObject* preceded(PyObject* original, PyObject* before);

}  // namespace tracypy::cpython
