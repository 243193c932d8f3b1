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

// The setter of threading.Thread.name, known by its looks: `threading` may be imported at any time.
bool is_thread_renaming(PyCodeObject* code, const std::string& file) {
    return code->co_argcount == 2 && file.ends_with("threading.py") && utf8_of(code->co_qualname) == "Thread.name";
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

std::string without_zeros(std::string text) {
    for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
        text.replace(at, 1, "\xE2\x90\x80");
    }
    return text;
}

}  // namespace

std::string utf8_of(PyObject* text) noexcept {
    if (text == nullptr || !PyUnicode_Check(text)) return "?";
    Py_ssize_t size = 0;
    if (const char* const bytes = PyUnicode_AsUTF8AndSize(text, &size)) {
        return without_zeros({bytes, static_cast<std::size_t>(size)});
    }
    PyErr_Clear();
    std::string result = "?";
    if (PyObject* const escaped = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")) {
        result.assign(PyBytes_AS_STRING(escaped), static_cast<std::size_t>(PyBytes_GET_SIZE(escaped)));
        Py_DECREF(escaped);
    }
    PyErr_Clear();
    return without_zeros(std::move(result));
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
        std::uintptr_t flags = CodeInfo::Known;
        if (hidden) flags |= CodeInfo::Hidden;
        if (is_thread_renaming(object, file)) flags |= CodeInfo::Renames;
        const CodeInfo info(flags,
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
