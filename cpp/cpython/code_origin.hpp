// Where a code object belongs: told by the globals that it runs with, since co_filename says where it was compiled.
// Programs are frozen, installed without sources, moved, put into archives.
#pragma once

#include <string>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// All are empty where they cannot be told.
struct CodeOrigin {
    std::string module;       // __name__
    std::string run_as_main;  // of a __main__ that `-m` runs: the module's own name
    std::string file;         // __file__, of a source file even if only its .pyc is there

    /// Is it a part of tracypy itself?
    bool is_tracypy() const noexcept;
};

/// Of `code`, which `frame` runs, or, when that is null, the calling thread's innermost frame. Runs no Python code, and
/// never leaves a Python error set.
CodeOrigin origin_of(PyObject* code, PyFrameObject* frame);

}  // namespace tracypy::cpython
