// Letting go of the interpreter, and taking it: safe also when it is on its way out (wait_out_the_end).
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// While it lives, other threads may run Python code: Py_BEGIN_ALLOW_THREADS.
class GilReleased {
public:
    GilReleased() noexcept : state_(PyEval_SaveThread()) {}
    ~GilReleased() {
        wait_out_the_end([this] { PyEval_RestoreThread(state_); });
    }
    GilReleased(const GilReleased&) = delete;
    GilReleased& operator=(const GilReleased&) = delete;

private:
    PyThreadState* state_;
};

/// While it lives, a thread that has let go of the interpreter has it back, with the state that it had. Not by
/// PyGILState_Ensure: at the end of the process that may find no state any more, and no interpreter to make one in.
class GilBack {
public:
    explicit GilBack(PyThreadState* state) noexcept {
        wait_out_the_end([state] { PyEval_RestoreThread(state); });
    }
    ~GilBack() { PyEval_SaveThread(); }
    GilBack(const GilBack&) = delete;
    GilBack& operator=(const GilBack&) = delete;
};

/// While it lives, the calling thread, which did not have the interpreter, may use it: PyGILState_Ensure.
class GilTaken {
public:
    GilTaken() noexcept {
        wait_out_the_end([this] { state_ = PyGILState_Ensure(); });
    }
    ~GilTaken() { PyGILState_Release(state_); }
    GilTaken(const GilTaken&) = delete;
    GilTaken& operator=(const GilTaken&) = delete;

private:
    PyGILState_STATE state_{};
};

}  // namespace tracypy::cpython
