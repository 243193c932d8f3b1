// A built-in function with something of ours around it, which looks and is called like the function itself: it has the
// same name, text, signature, module and `self`. Who looks at nothing else sees no difference.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// What a wrapped function was called with, as vectorcall passes it.
struct CallArguments {
    PyObject* const* values;
    Py_ssize_t positional;
    PyObject* names;  // of those after the positional ones; may be null

    Py_ssize_t count() const noexcept { return positional + (names == nullptr ? 0 : PyTuple_GET_SIZE(names)); }
    PyObject* call(PyObject* function) const noexcept {
        return PyObject_Vectorcall(function, values, static_cast<std::size_t>(positional), names);
    }
};

/// Calls `original` in its own way. A new reference, or nullptr with an error set; may throw std::bad_alloc.
using Around = PyObject* (*)(const void* context, PyObject* original, const CallArguments& arguments);

/// At most so many can be made in the life of the process; none is ever freed, as the program may keep it.
inline constexpr int kMostWrapped = 48;

/// A function in place of `original`, which is kept for ever, as is `context`. A TypeError for what is not a built-in
/// function, and when there are too many. A new reference.
PyObject* wrapped(PyObject* original, Around around, const void* context) noexcept;

}  // namespace tracypy::cpython
