#include "cpython/profiled_codes.hpp"

#include "cpython/monitoring_api.hpp"

namespace tracypy::cpython {
namespace {

/// The code object behind a weak reference as a new reference, or null when it is gone.
PyObject* target_of(PyObject* reference) noexcept {
    PyObject* const code = PyObject_CallNoArgs(reference);
    if (code == Py_None) {
        Py_DECREF(code);
        return nullptr;
    }
    if (code == nullptr) PyErr_Clear();
    return code;
}

}  // namespace

bool ProfiledCodes::add(PyObject* code) noexcept {
    if (references_ == nullptr) references_ = PyList_New(0);
    if (references_ == nullptr) return false;
    if (count() >= tidy_at_) remove_dead();
    PyObject* const reference = PyWeakref_NewRef(code, nullptr);
    if (reference == nullptr) return false;
    const bool added = PyList_Append(references_, reference) == 0;
    Py_DECREF(reference);
    return added;
}

void ProfiledCodes::remove_dead() noexcept {
    for (Py_ssize_t i = count(); i > 0; --i) {
        PyObject* const code = target_of(PyList_GET_ITEM(references_, i - 1));
        if (code == nullptr && PySequence_DelItem(references_, i - 1) != 0) PyErr_Clear();
        Py_XDECREF(code);
    }
    tidy_at_ = count() * 2 + 64;
}

void ProfiledCodes::set_events(int tool, long events) noexcept {
    for (Py_ssize_t i = 0; i < count(); ++i) {
        PyObject* const code = target_of(PyList_GET_ITEM(references_, i));
        if (code == nullptr) continue;
        if (!set_local_events(tool, code, events)) PyErr_Clear();
        Py_DECREF(code);
    }
}

}  // namespace tracypy::cpython
