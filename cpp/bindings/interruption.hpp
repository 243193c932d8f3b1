// Ctrl-C while native code waits, or works for long, without the GIL.
#pragma once

#include <nanobind/nanobind.h>

#include "cpython/gil.hpp"

namespace tracypy::bindings {

/// What ends a call early: the error of a signal handler, or of a function that the call asks. It is kept by this
/// thread's state until the GIL is its own again, and then raised. One thread, which has the GIL when it makes one.
class Interruption {
public:
    Interruption() noexcept : state_(PyThreadState_Get()) {}

    /// Without the GIL: lets signal handlers run. False once there is an error.
    bool look() {
        return look([] { return true; });
    }
    /// The same, and with the GIL asks `call`, which is false when it has set an error.
    template <typename Call>
    bool look(const Call& call) {
        if (has_come_) return false;
        const cpython::GilBack gil(state_);
        has_come_ = PyErr_CheckSignals() != 0 || !call();
        return !has_come_;
    }

    /// With the GIL.
    void raise_if_come() const {
        if (has_come_) throw nanobind::python_error();
    }
    bool has_come() const noexcept { return has_come_; }

private:
    PyThreadState* state_;
    bool has_come_ = false;
};

}  // namespace tracypy::bindings
