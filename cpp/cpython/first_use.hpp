// The first use of anything that can emit starts the listener: one test of a flag on paths that must cost nothing.
#pragma once

#include "base/linkage.hpp"
#include "cpython/compat.hpp"

namespace tracypy::cpython {

TRACYPY_LOCAL extern bool
    g_first_use_pending;  // written and read with the GIL; on free-threaded builds a late reader calls twice

/// `callback()` is called at the first use after it was set or armed again; what it raises is only reported.
void set_first_use(PyObject* callback) noexcept;
void arm_first_use(bool armed) noexcept;
void run_first_use() noexcept;

inline void note_use() noexcept {
    if (g_first_use_pending) [[unlikely]] {
        run_first_use();
    }
}

}  // namespace tracypy::cpython
