#include "cpython/source_texts.hpp"

#include "cpython/gil.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

std::string bytes_of(PyObject* text) {
    if (text == nullptr || !PyBytes_Check(text)) return {};
    return {PyBytes_AS_STRING(text), static_cast<std::size_t>(PyBytes_GET_SIZE(text))};
}

// Null for whatever goes wrong: an answer is not worth a line on stderr.
PyObject* call_text_of(std::string_view file) noexcept {
    PyObject* const module = PyImport_ImportModule("tracypy.sources");
    if (module == nullptr) return nullptr;
    PyObject* const name = PyUnicode_DecodeUTF8(file.data(), static_cast<Py_ssize_t>(file.size()), "replace");
    PyObject* const function = name != nullptr ? PyObject_GetAttrString(module, "text_of") : nullptr;
    PyObject* const text = function != nullptr ? PyObject_CallOneArg(function, name) : nullptr;
    Py_XDECREF(function);
    Py_XDECREF(name);
    Py_DECREF(module);
    return text;
}

}  // namespace

std::optional<std::string> source_text(std::string_view file) noexcept {
    if (interpreter_is_leaving()) return std::nullopt;
    const GilTaken taken;
    const Unrecorded unrecorded;
    PyObject* const text = call_text_of(file);
    if (PyErr_Occurred() != nullptr) PyErr_Clear();
    std::optional<std::string> found;
    try {
        if (text != nullptr && PyBytes_Check(text)) found = bytes_of(text);
    } catch (...) {
        // Out of memory: no text.
    }
    Py_XDECREF(text);
    return found;
}

}  // namespace tracypy::cpython
