#include "cpython/given_names.hpp"

#include "cpython/arguments.hpp"
#include "cpython/thread_names.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

bool require_name(const char* function, PyObject* name) {
    if (!require_str(function, "name", name)) return false;
    if (PyUnicode_GET_LENGTH(name) != 0) return true;
    PyErr_Format(PyExc_ValueError, "%s: name must not be empty", function);
    return false;
}

}  // namespace

bool set_thread_name(PyObject* thread, PyObject* name) {
    if (!require_name("set_thread_name", name) || !give_thread_name(thread, name)) return false;
    look_up_name();
    return true;
}

}  // namespace tracypy::cpython
