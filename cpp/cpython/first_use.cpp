#include "cpython/first_use.hpp"

namespace tracypy::cpython {

bool g_first_use_pending = false;

namespace {
PyObject* g_callback = nullptr;
}

void set_first_use(PyObject* callback) noexcept {
    Py_XSETREF(g_callback, Py_NewRef(callback));
    g_first_use_pending = true;
}

void arm_first_use(bool armed) noexcept {
    g_first_use_pending = armed && g_callback != nullptr;
}

void run_first_use() noexcept {
    g_first_use_pending = false;
    if (interpreter_is_leaving()) return;  // there is nobody any more to listen for
    PyObject* const callback = Py_XNewRef(g_callback);
    if (callback == nullptr) return;
    PyObject* const raised = PyErr_GetRaisedException();
    PyObject* result = nullptr;
    wait_out_the_end([&] { result = PyObject_CallNoArgs(callback); });
    if (result == nullptr) PyErr_WriteUnraisable(callback);
    Py_XDECREF(result);
    Py_DECREF(callback);
    PyErr_SetRaisedException(raised);
}

}  // namespace tracypy::cpython
