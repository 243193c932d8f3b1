#include "cpython/program_source.hpp"

#include <cstring>

namespace tracypy::cpython {

PyObject* compile_program(PyObject* source, PyObject* file_name) noexcept {
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char* text = nullptr;
    Py_ssize_t size = 0;
    if (PyUnicode_Check(source)) {
        text = PyUnicode_AsUTF8AndSize(source, &size);
        flags.cf_flags |= PyCF_IGNORE_COOKIE;
    } else if (PyBytes_Check(source)) {
        text = PyBytes_AS_STRING(source);
        size = PyBytes_GET_SIZE(source);
    } else {
        PyErr_SetString(PyExc_TypeError, "the source of a program is bytes or a str");
    }
    if (text == nullptr) return nullptr;
    if (std::strlen(text) != static_cast<std::size_t>(size)) {
        PyErr_SetString(PyExc_SyntaxError, "source code string cannot contain null bytes");
        return nullptr;
    }
    return Py_CompileStringObject(text, file_name, Py_file_input, &flags, -1);
}

}  // namespace tracypy::cpython
