// The calls that run on a thread.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Calls `callback(code, frame)` for each call on the stack of `state`, innermost first, until it returns false.
template <typename Callback>
void each_call(PyThreadState* state, Callback&& callback) {
    PyFrameObject* frame = PyThreadState_GetFrame(state);
    while (frame != nullptr) {
        auto* const code = reinterpret_cast<PyObject*>(PyFrame_GetCode(frame));
        const bool more = callback(code, frame);
        Py_DECREF(code);  // the frame still owns it
        PyFrameObject* const outer = more ? PyFrame_GetBack(frame) : nullptr;
        Py_DECREF(frame);
        frame = outer;
    }
}

}  // namespace tracypy::cpython
