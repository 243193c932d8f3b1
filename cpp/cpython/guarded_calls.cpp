#include "cpython/guarded_calls.hpp"

#include <vector>

namespace tracypy::cpython {
namespace {

struct Guarded {
    const char* module;
    const char* name;
    int path = -1;  // which argument that is; -1: nothing is started
    int command = -1;
    PyMethodDef definition{};
    PyObject* original = nullptr;
};

enum Slot : int { kExecv, kExecve, kPosixSpawn, kForkExec, kUnshare, kSetns, kSlots };

Guarded g_guarded[kSlots] = {
    {"os", "execv", 0, 1}, {"os", "execve", 0, 1}, {"os", "posix_spawn", 0, 1}, {"_posixsubprocess", "fork_exec", 1, 0},
    {"os", "unshare"},     {"os", "setns"},
};

PyObject* g_callback = nullptr;
void (*g_pause)() = nullptr;
void (*g_resume)() = nullptr;

/// A new reference: the command to start instead, or None. nullptr with an error set.
PyObject* ask(const Guarded& guarded, PyObject* const* arguments, Py_ssize_t count) noexcept {
    if (count <= guarded.path || count <= guarded.command) return Py_NewRef(Py_None);  // it will be an error
    PyObject* const asked[] = {arguments[guarded.path], arguments[guarded.command]};
    return PyObject_Vectorcall(g_callback, asked, 2, nullptr);
}

PyObject* start(const Guarded& guarded, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
    PyObject* const command = ask(guarded, arguments, count);
    if (command == nullptr) return nullptr;
    const Py_ssize_t named = names == nullptr ? 0 : PyTuple_GET_SIZE(names);
    std::vector<PyObject*> all(arguments, arguments + count + named);
    if (command != Py_None) all[static_cast<std::size_t>(guarded.command)] = command;
    PyObject* const result = PyObject_Vectorcall(guarded.original, all.data(), static_cast<std::size_t>(count), names);
    Py_DECREF(command);
    return result;
}

PyObject* pause_around(const Guarded& guarded, PyObject* const* arguments, Py_ssize_t count, PyObject* names) {
    g_pause();
    PyObject* const result = PyObject_Vectorcall(guarded.original, arguments, static_cast<std::size_t>(count), names);
    PyObject* const raised = PyErr_GetRaisedException();
    g_resume();
    PyErr_SetRaisedException(raised);
    return result;
}

template <int kSlot>
PyObject* call(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* names) noexcept {
    const Guarded& guarded = g_guarded[kSlot];
    try {
        return guarded.path < 0 ? pause_around(guarded, arguments, count, names)
                                : start(guarded, arguments, count, names);
    } catch (...) {  // out of memory
        return PyErr_NoMemory();
    }
}

using Call = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);
constexpr Call kCalls[kSlots] = {
    call<kExecv>, call<kExecve>, call<kPosixSpawn>, call<kForkExec>, call<kUnshare>, call<kSetns>,
};

/// What `os.supports_fd` says of the one, it says of the other.
bool note_in_supports_fd(PyObject* module, PyObject* original, PyObject* replacement) noexcept {
    PyObject* const functions = PyObject_GetAttrString(module, "supports_fd");
    if (functions == nullptr) {
        PyErr_Clear();
        return true;
    }
    const int is_in = PySet_Check(functions) ? PySet_Contains(functions, original) : 0;
    const bool is_done = is_in == 0 || (is_in > 0 && PySet_Add(functions, replacement) == 0);
    Py_DECREF(functions);
    return is_done;
}

/// In a module that has it under that name already. False with an error set.
bool replace_in(PyObject* module_name, const char* name, PyObject* original, PyObject* replacement) noexcept {
    PyObject* const module = PyImport_GetModule(module_name);
    if (module == nullptr) return PyErr_Occurred() == nullptr;
    PyObject* const there = PyObject_GetAttrString(module, name);
    if (there == nullptr) PyErr_Clear();
    const bool is_done = there != original || PyObject_SetAttrString(module, name, replacement) == 0;
    Py_XDECREF(there);
    Py_DECREF(module);
    return is_done;
}

/// In `posix`, from which `os` has it, and by whose name it is pickled; and in `subprocess`, if that is imported
/// already.
bool replace_elsewhere(const Guarded& guarded, PyObject* home, PyObject* replacement) noexcept {
    if (home != nullptr && !replace_in(home, guarded.name, guarded.original, replacement)) return false;
    PyObject* const subprocess = PyUnicode_InternFromString("subprocess");
    if (subprocess == nullptr) return false;
    const bool is_done = replace_in(subprocess, "_fork_exec", guarded.original, replacement);
    Py_DECREF(subprocess);
    return is_done;
}

bool replace(int slot, PyObject* module) noexcept {
    Guarded& guarded = g_guarded[slot];
    PyObject* const original = PyObject_GetAttrString(module, guarded.name);
    if (original == nullptr || !PyCFunction_CheckExact(original)) {  // not on this system, or somebody was here before
        PyErr_Clear();
        Py_XDECREF(original);
        return true;
    }
    const PyMethodDef* const known = reinterpret_cast<PyCFunctionObject*>(original)->m_ml;
    guarded.definition = {guarded.name, reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(kCalls[slot])),
                          METH_FASTCALL | METH_KEYWORDS, known->ml_doc};
    guarded.original = original;  // kept for ever
    PyObject* const of_module = reinterpret_cast<PyCFunctionObject*>(original)->m_module;
    PyObject* const replacement = PyCFunction_NewEx(&guarded.definition, PyCFunction_GET_SELF(original), of_module);
    if (replacement == nullptr) return false;
    const bool is_done = note_in_supports_fd(module, original, replacement) &&
                         PyObject_SetAttrString(module, guarded.name, replacement) == 0 &&
                         replace_elsewhere(guarded, of_module, replacement);
    Py_DECREF(replacement);
    return is_done;
}

bool replace_all(int first, int last) noexcept {
    for (int slot = first; slot <= last; ++slot) {
        if (g_guarded[slot].original != nullptr) continue;
        PyObject* const module = PyImport_ImportModule(g_guarded[slot].module);
        if (module == nullptr) {
            PyErr_Clear();
            continue;
        }
        const bool is_done = replace(slot, module);
        Py_DECREF(module);
        if (!is_done) return false;
    }
    return true;
}

}  // namespace

bool ask_before_start(PyObject* callback) noexcept {
    Py_XSETREF(g_callback, Py_NewRef(callback));
    return replace_all(kExecv, kForkExec);
}

bool pause_around_unshare(void (*pause)(), void (*resume)()) noexcept {
    g_pause = pause;
    g_resume = resume;
    return replace_all(kUnshare, kSetns);
}

}  // namespace tracypy::cpython
