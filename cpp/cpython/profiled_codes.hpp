// The code objects that @profiled has marked: weak references, because a profiled closure must be free to go.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Guarded by ControlLock; every call holds the GIL.
class ProfiledCodes {
public:
    /// Idempotent. False with a Python error set.
    bool add(PyObject* code) noexcept;
    bool empty() const noexcept { return count() == 0; }
    /// Sets the local events of every code object that still exists.
    void set_events(int tool, long events) noexcept;

private:
    Py_ssize_t count() const noexcept { return references_ != nullptr ? PyList_GET_SIZE(references_) : 0; }
    void remove_dead() noexcept;

    PyObject* references_ = nullptr;  // a list of weak references; by identity, as equal code objects are not the same
    Py_ssize_t tidy_at_ = 64;
};

}  // namespace tracypy::cpython
