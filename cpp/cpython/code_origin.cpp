#include "cpython/code_origin.hpp"

#include "cpython/code_table.hpp"
#include "cpython/lookup_keys.hpp"

namespace tracypy::cpython {
namespace {

struct OriginKeys {
    LookupKey dunder_name{"__name__"};
    LookupKey dunder_file{"__file__"};
    LookupKey dunder_spec{"__spec__"};
    LookupKey name{"name"};
};

/// A new reference, or null.
PyObject* globals_of(PyObject* code, PyFrameObject* frame) noexcept {
    if (frame != nullptr) return PyFrame_GetGlobals(frame);
    struct _PyInterpreterFrame* const running = running_frame();
    if (running == nullptr) return nullptr;
    PyObject* const own = PyUnstable_InterpreterFrame_GetCode(running);
    const bool is_running = own == code;
    Py_DECREF(own);
    return is_running ? Py_XNewRef(PyEval_GetGlobals()) : nullptr;
}

std::string text_at(PyObject* container, PyObject* key) {
    PyObject* const value = dict_item(container, key);
    std::string text = value != nullptr && PyUnicode_Check(value) ? utf8_of(value) : std::string();
    Py_XDECREF(value);
    return text;
}

// From the spec's own dictionary: to ask for an attribute could run code of the program.
std::string name_of_spec(PyObject* globals, const OriginKeys& keys) {
    PyObject* const spec = dict_item(globals, keys.dunder_spec);
    PyObject* const contents = spec != nullptr && spec != Py_None ? PyObject_GenericGetDict(spec, nullptr) : nullptr;
    std::string name = text_at(contents, keys.name);
    Py_XDECREF(contents);
    Py_XDECREF(spec);
    return name;
}

CodeOrigin origin_by(const OriginKeys& keys, PyObject* code, PyFrameObject* frame) {
    CodeOrigin origin;
    PyObject* const globals = globals_of(code, frame);
    origin.module = text_at(globals, keys.dunder_name);
    origin.file = text_at(globals, keys.dunder_file);
    if (origin.file.ends_with(".pyc")) origin.file.pop_back();
    if (origin.module == "__main__") origin.run_as_main = name_of_spec(globals, keys);
    Py_XDECREF(globals);
    PyErr_Clear();
    return origin;
}

}  // namespace

bool CodeOrigin::is_tracypy() const noexcept {
    const auto is_part = [](std::string_view name) { return name == "tracypy" || name.starts_with("tracypy."); };
    return is_part(module) || is_part(run_as_main);
}

CodeOrigin origin_of(PyObject* code, PyFrameObject* frame) {
    return with_keys<OriginKeys>([=](const OriginKeys& keys) { return origin_by(keys, code, frame); });
}

}  // namespace tracypy::cpython
