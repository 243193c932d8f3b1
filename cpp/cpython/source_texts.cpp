#include "cpython/source_texts.hpp"

#include "cpython/gil.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

std::string bytes_of(PyObject* text) {
    if (text == nullptr || !PyBytes_Check(text)) return {};
    return {PyBytes_AS_STRING(text), static_cast<std::size_t>(PyBytes_GET_SIZE(text))};
}

PyObject* entry_of_module(PyObject* module, const char* name) noexcept {
    PyObject* const dict = dict_of_imported(module);
    PyObject* const key = PyUnicode_FromString(name);
    PyObject* const value = dict_item(dict, key);
    Py_XDECREF(key);
    Py_XDECREF(dict);
    return value;
}

/// Whether linecache has been told of the file.
bool is_in_linecache(PyObject* file) noexcept {
    PyObject* const name = PyUnicode_FromString("linecache");
    PyObject* const cache = entry_of_module(name, "cache");
    PyObject* const entry = dict_item(cache, file);
    Py_XDECREF(cache);
    Py_XDECREF(name);
    const bool is_there = entry != nullptr;
    Py_XDECREF(entry);
    return is_there;
}

/// Where the text of a module lies that the interpreter has in itself: `<frozen os>`.
std::string file_of_frozen(std::string_view name) {
    PyObject* const module = PyUnicode_DecodeUTF8(name.data(), static_cast<Py_ssize_t>(name.size()), "replace");
    PyObject* const path = entry_of_module(module, "__file__");
    Py_XDECREF(module);
    const char* const text = path != nullptr && PyUnicode_Check(path) ? PyUnicode_AsUTF8(path) : nullptr;
    std::string file = text != nullptr ? text : "";
    Py_XDECREF(path);
    return file;
}

/// Whether it is the file of a module, in an archive perhaps.
bool is_of_module(PyObject* file) noexcept {
    PyObject* const modules = PyDict_Copy(PyImport_GetModuleDict());
    PyObject* const name = PyUnicode_FromString("__file__");
    bool is_one = false;
    Py_ssize_t at = 0;
    PyObject* module = nullptr;
    while (modules != nullptr && !is_one && PyDict_Next(modules, &at, nullptr, &module) != 0) {
        if (!PyModule_Check(module)) continue;
        PyObject* const path = dict_item(PyModule_GetDict(module), name);
        is_one = path != nullptr && PyUnicode_CheckExact(path) && PyUnicode_Compare(path, file) == 0;
        Py_XDECREF(path);
    }
    Py_XDECREF(name);
    Py_XDECREF(modules);
    return is_one;
}

/// `ask(file)`, of its name as a str. With the interpreter; true without memory.
bool asked(std::string_view file, bool (*ask)(PyObject*) noexcept) noexcept {
    PyObject* const name = PyUnicode_DecodeUTF8(file.data(), static_cast<Py_ssize_t>(file.size()), "replace");
    const bool answer = name == nullptr || ask(name);
    Py_XDECREF(name);
    PyErr_Clear();
    return answer;
}

/// By PEP 263 the first two lines may name an encoding, and a file may begin with a mark of UTF-8.
bool may_be_encoded(std::string_view text) noexcept {
    if (text.starts_with("\xef\xbb\xbf")) return true;
    const std::size_t first = text.find('\n');
    const std::size_t second = first != std::string_view::npos ? text.find('\n', first + 1) : first;
    return text.substr(0, second).find("coding") != std::string_view::npos;
}

bool is_utf8(std::string_view text) noexcept {
    PyObject* const decoded = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), nullptr);
    Py_XDECREF(decoded);
    return decoded != nullptr;
}

/// What can be found without running Python code. `needs_python`: it may know more.
std::optional<std::string> ordinary_text(std::string_view file, ReadFile read, bool* needs_python) {
    constexpr std::string_view kFrozen = "<frozen ";
    const bool is_frozen = file.starts_with(kFrozen) && file.ends_with('>');
    std::string path(file);
    {
        const GilTaken taken;
        if (is_frozen) {
            path = file_of_frozen(file.substr(kFrozen.size(), file.size() - kFrozen.size() - 1));
            PyErr_Clear();
        } else if (asked(file, is_in_linecache)) {
            *needs_python = true;
            return std::nullopt;
        }
    }
    const bool is_path = !path.empty() && path.find('\0') == std::string::npos;
    std::optional<std::string> text = is_path ? read(path) : std::nullopt;
    const GilTaken taken;
    if (!text) {
        *needs_python = !is_frozen && asked(file, is_of_module);
    } else if (may_be_encoded(*text) || !is_utf8(*text)) {
        PyErr_Clear();
        *needs_python = true;
        text.reset();
    }
    return text;
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

std::optional<std::string> source_text(std::string_view file, ReadFile read) noexcept {
    if (interpreter_is_leaving()) return std::nullopt;
    std::optional<std::string> found;
    try {
        bool needs_python = false;
        found = ordinary_text(file, read, &needs_python);
        if (!needs_python) return found;
    } catch (...) {
        return std::nullopt;  // out of memory
    }
    if (interpreter_is_leaving()) return std::nullopt;
    const GilTaken taken;
    const Unrecorded unrecorded;
    PyObject* const text = call_text_of(file);
    if (PyErr_Occurred() != nullptr) PyErr_Clear();
    try {
        if (text != nullptr && PyBytes_Check(text)) found = bytes_of(text);
    } catch (...) {
        // Out of memory: no text.
    }
    Py_XDECREF(text);
    return found;
}

}  // namespace tracypy::cpython
