#include "cpython/code_table.hpp"

#include <mutex>
#include <string>
#include <vector>

#include "base/names.hpp"

namespace tracypy::cpython {

Py_ssize_t g_code_slot = -1;

namespace {

// Guards writing of slots (on free-threaded builds PyUnstable_Code_SetExtra of 3.13 may move the array) and the two
// settings below. Nothing that can stop at a safe point of the interpreter happens while it is held.
std::mutex g_mutex;
std::vector<std::string> g_hidden_directories;
PyObject* g_program_root = nullptr;  // owned; compared by address only

bool is_hidden(const std::string& file) {
    for (const std::string& directory : g_hidden_directories) {
        if (file.starts_with(directory)) return true;
    }
    return false;
}

void store(PyObject* code, CodeInfo info) noexcept {
    const std::lock_guard lock(g_mutex);
    if (PyUnstable_Code_SetExtra(code, g_code_slot, reinterpret_cast<void*>(info.packed())) != 0) PyErr_Clear();
}

base::SourceLocation describe(PyCodeObject* code) {
    base::Names& names = base::names();
    base::SourceLocation location;
    location.function = names.strings.intern(utf8_of(code->co_qualname));
    location.file = names.strings.intern(utf8_of(code->co_filename));
    location.line = code->co_firstlineno > 0 ? static_cast<std::uint32_t>(code->co_firstlineno) : 0;
    return location;
}

}  // namespace

std::string utf8_of(PyObject* text) noexcept {
    if (text == nullptr || !PyUnicode_Check(text)) return "?";
    Py_ssize_t size = 0;
    if (const char* const bytes = PyUnicode_AsUTF8AndSize(text, &size)) {
        return {bytes, static_cast<std::size_t>(size)};
    }
    PyErr_Clear();
    std::string result = "?";
    if (PyObject* const escaped = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")) {
        result.assign(PyBytes_AS_STRING(escaped), static_cast<std::size_t>(PyBytes_GET_SIZE(escaped)));
        Py_DECREF(escaped);
    }
    PyErr_Clear();
    return result;
}

bool init_code_table() {
    if (g_code_slot >= 0) return true;
    g_code_slot = PyUnstable_Eval_RequestCodeExtraIndex(nullptr);
    if (g_code_slot < 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "tracypy: the interpreter has no free slot for data on code objects (other tools took all)");
        return false;
    }
    return true;
}

CodeInfo code_info(PyObject* code) noexcept {
    const CodeInfo known = known_code(code);
    if (known.has(CodeInfo::Known)) return known;
    if (!PyCode_Check(code)) return CodeInfo(CodeInfo::Known | CodeInfo::Hidden, base::SourceLocationId::Other);
    try {
        auto* const object = reinterpret_cast<PyCodeObject*>(code);
        const base::SourceLocation location = describe(object);
        const std::string file(base::names().strings.find(location.file).text);
        bool hidden = false;
        {
            const std::lock_guard lock(g_mutex);
            hidden = is_hidden(file);
        }
        const std::uintptr_t flags = known.packed() & (CodeInfo::Profiled | CodeInfo::Renames);
        const std::uintptr_t visibility = hidden ? std::uintptr_t{CodeInfo::Hidden} : 0;
        const CodeInfo info(flags | CodeInfo::Known | visibility,
                            base::names().locations.intern(location));
        store(code, info);
        return info;
    } catch (...) {
        return CodeInfo(CodeInfo::Known, base::SourceLocationId::Other);  // out of memory: a zone without a name
    }
}

bool mark_profiled(PyObject* code, PyObject* name, std::uint32_t color) noexcept {
    try {
        base::SourceLocation location = describe(reinterpret_cast<PyCodeObject*>(code));
        if (name != nullptr) location.name = base::names().strings.intern(utf8_of(name));
        location.color = color;
        const std::uintptr_t flags = known_code(code).packed() & CodeInfo::Renames;
        store(code, CodeInfo(flags | CodeInfo::Known | CodeInfo::Profiled, base::names().locations.intern(location)));
        return true;
    } catch (...) {
        PyErr_NoMemory();
        return false;
    }
}

void mark_renames(PyObject* code) noexcept {
    const CodeInfo info = code_info(code);
    store(code, CodeInfo(info.packed() | CodeInfo::Renames));
}

void hide_code_under(const char* directory) {
    const std::lock_guard lock(g_mutex);
    g_hidden_directories.emplace_back(directory);
}

void set_program_root(PyObject* code) {
    PyObject* previous = nullptr;
    {
        const std::lock_guard lock(g_mutex);
        previous = g_program_root;
        g_program_root = Py_NewRef(code);
    }
    Py_XDECREF(previous);
}

bool is_program_root(PyObject* code) noexcept {
    return code == g_program_root;
}

}  // namespace tracypy::cpython
