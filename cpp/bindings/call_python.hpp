// Calls of Python from the bindings.
#pragma once

#include <nanobind/nanobind.h>

#include "cpython/compat.hpp"

namespace tracypy::bindings {

/// What `callable(*arguments)` returns. Throws nanobind::python_error.
///
/// Whatever runs Python may be the end of a daemon thread, at exit: the objects that nanobind would hold meanwhile
/// would be let go of without the interpreter. So nobody may hold any in a block of its own within the call.
inline nanobind::object call_python(nanobind::handle callable, const nanobind::tuple& arguments) {
    PyObject* result = nullptr;
    cpython::wait_out_the_end([&] { result = PyObject_CallObject(callable.ptr(), arguments.ptr()); });
    if (result == nullptr) throw nanobind::python_error();
    return nanobind::steal(result);
}

/// The same of a function of a module, which is imported.
inline nanobind::object call_in_module(const char* module, const char* function, const nanobind::tuple& arguments) {
    PyObject* found = nullptr;
    cpython::wait_out_the_end([&] {
        PyObject* const imported = PyImport_ImportModule(module);
        if (imported != nullptr) found = PyObject_GetAttrString(imported, function);
        Py_XDECREF(imported);
    });
    if (found == nullptr) throw nanobind::python_error();
    return call_python(nanobind::steal(found), arguments);
}

}  // namespace tracypy::bindings
