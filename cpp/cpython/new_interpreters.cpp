// Interpreters that are made while tracypy is enabled. `_interpreters.create`, by which `concurrent.interpreters` and
// its pools make them, is ours meanwhile: only who makes one knows it before it runs.
#include <atomic>
#include <string>

#include "base/log.hpp"
#include "cpython/code_table.hpp"
#include "cpython/subinterpreters.hpp"

namespace tracypy::cpython {
namespace {

constexpr const char* kModule = "_interpreters";
constexpr const char* kFunction = "create";

// All of the main interpreter; guarded by ControlLock.
PyObject* g_library_path = nullptr;  // owned
PyObject* g_original = nullptr;      // owned; while ours is in its place, and afterwards for those who have kept ours
PyObject* g_own = nullptr;           // owned
std::atomic<bool> g_is_on{false};

/// One expression, so that it leaves no name in the interpreter's __main__. The module needs no package around it.
std::string source_of_import() {
    PyObject* const quoted = PyObject_ASCII(g_library_path);
    const std::string path = utf8_of(quoted);
    Py_XDECREF(quoted);
    return "(lambda imp, spec: imp.exec_dynamic(imp.create_dynamic(spec)))(__import__('_imp'), "
           "__import__('_frozen_importlib').ModuleSpec('tracypy._sub', None, origin=" +
           path + "))";
}

void say_once(const std::string& why) noexcept {
    static bool said = false;
    if (said) return;
    said = true;
    base::log(base::LogLevel::Warning, "a new interpreter is not recorded: " + why);
}

/// Whatever becomes of it, the program has its interpreter.
void import_in(PyObject* interpreter) noexcept try {
    PyObject* const module = PyImport_ImportModule(kModule);
    PyObject* const problem = module != nullptr
                                  ? PyObject_CallMethod(module, "exec", "Os", interpreter, source_of_import().c_str())
                                  : nullptr;
    if (problem == nullptr || problem != Py_None) {
        PyObject* const what = problem != nullptr ? Py_NewRef(problem) : PyErr_GetRaisedException();
        PyObject* const formatted = what != nullptr ? PyObject_GetAttrString(what, "formatted") : nullptr;
        PyErr_Clear();
        PyObject* const text = formatted != nullptr ? PyObject_Str(formatted)
                               : what != nullptr    ? PyObject_Str(what)
                                                    : nullptr;
        say_once(utf8_of(text));
        Py_XDECREF(text);
        Py_XDECREF(formatted);
        Py_XDECREF(what);
    }
    Py_XDECREF(problem);
    Py_XDECREF(module);
    PyErr_Clear();
} catch (...) {
    PyErr_Clear();  // out of memory
}

PyObject* create(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* names) noexcept {
    PyObject* const result = PyObject_Vectorcall(g_original, arguments, static_cast<std::size_t>(count), names);
    if (result != nullptr && g_is_on) import_in(result);
    return result;
}

PyMethodDef g_create = {kFunction, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(create)),
                        METH_FASTCALL | METH_KEYWORDS,
                        "As before; while tracypy is enabled, what the interpreter calls is recorded."};

/// A new reference to what the module has in that place, or null.
PyObject* current(PyObject* module) noexcept {
    PyObject* const function = PyObject_GetAttrString(module, kFunction);
    if (function == nullptr) PyErr_Clear();
    return function;
}

void replace(PyObject* module, PyObject* expected, PyObject* function) noexcept {
    PyObject* const now = current(module);
    if (now == expected && PyObject_SetAttrString(module, kFunction, function) != 0) PyErr_Clear();
    Py_XDECREF(now);
}

void put_in_place(PyObject* module) noexcept {
    if (g_original == nullptr) g_original = current(module);
    if (g_own == nullptr) g_own = PyCFunction_New(&g_create, nullptr);
    if (g_own == nullptr) PyErr_Clear();
    if (g_original == nullptr || g_own == nullptr) return;
    replace(module, g_original, g_own);
}

}  // namespace

void set_library_path(PyObject* path) noexcept {
    if (g_library_path == nullptr) g_library_path = Py_NewRef(path);
}

void follow_new_interpreters(bool on) noexcept {
    if (!kRecordsSubinterpreters || on == g_is_on || g_library_path == nullptr) return;
    PyObject* const module = PyImport_ImportModule(kModule);
    if (module == nullptr) return PyErr_Clear();
    g_is_on = on;
    if (on) {
        put_in_place(module);
    } else {
        replace(module, g_own, g_original);
    }
    Py_DECREF(module);
}

}  // namespace tracypy::cpython
