// Text of others for Python.
#pragma once

#include <nanobind/nanobind.h>

#include <string_view>

namespace tracypy::bindings {

/// Files and programs of others need not speak UTF-8: what is none becomes U+FFFD.
inline nanobind::str decoded(std::string_view text) {
    PyObject* const object = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
    if (object == nullptr) throw nanobind::python_error();
    return nanobind::steal<nanobind::str>(object);
}

}  // namespace tracypy::bindings
