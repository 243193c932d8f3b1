#include "cpython/guarded_calls.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "cpython/child_environment.hpp"
#include "cpython/wrapped_calls.hpp"

namespace tracypy::cpython {
namespace {

/// A function for which another one stands, from when that was wanted.
struct Guarded {
    const char* module;
    const char* name;
    int path = -1;  // which argument of a function that starts a program that is
    int command = -1;
    int environment = -1;  // likewise; of the process, if it has none
    EnvironmentForm form = EnvironmentForm::Mapping;
    bool is_exec = false;
    bool is_replaced = false;
};

Guarded g_starting[] = {
    {"os", "execv", 0, 1, -1, EnvironmentForm::Mapping, true},
    {"os", "execve", 0, 1, 2, EnvironmentForm::Mapping, true},
    {"os", "posix_spawn", 0, 1, 2},
    {"os", "posix_spawnp", 0, 1, 2},
    {"_posixsubprocess", "fork_exec", 1, 0, 5, EnvironmentForm::List},
};
Guarded g_unsharing[] = {{"os", "unshare"}, {"os", "setns"}};

PyObject* g_callback = nullptr;
PyObject* g_told = nullptr;
void (*g_pause)() = nullptr;
void (*g_resume)() = nullptr;

PyObject* call_after(const void* before, PyObject* original, const CallArguments& arguments) {
    // Python does not know const.
    if (PyObject* const result = arguments.call(const_cast<PyObject*>(static_cast<const PyObject*>(before)))) {
        Py_DECREF(result);
    } else {
        PyErr_Clear();
    }
    return arguments.call(original);
}

/// A new reference: the command to start instead, or None. nullptr with an error set.
PyObject* ask(const Guarded& guarded, const CallArguments& arguments) noexcept {
    if (g_callback == nullptr || arguments.positional <= guarded.path || arguments.positional <= guarded.command) {
        return Py_NewRef(Py_None);  // it will be an error
    }
    PyObject* const asked[] = {arguments.values[guarded.path], arguments.values[guarded.command],
                               guarded.is_exec ? Py_True : Py_False};
    return PyObject_Vectorcall(g_callback, asked, 3, nullptr);
}

/// Where the environment stands among all arguments; none if it is not there, or all of it is a mistake.
std::optional<std::size_t> place_of_environment(const Guarded& guarded, const CallArguments& arguments) noexcept {
    if (guarded.environment < 0) return std::nullopt;
    if (arguments.positional > guarded.environment) return static_cast<std::size_t>(guarded.environment);
    const Py_ssize_t named = arguments.count() - arguments.positional;
    for (Py_ssize_t i = 0; i < named; ++i) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(arguments.names, i), "env") == 0) {
            return static_cast<std::size_t>(arguments.positional + i);
        }
    }
    return std::nullopt;
}

/// That a program is about to be started.
void tell(const Guarded& guarded, const CallArguments& arguments) noexcept {
    if (arguments.positional <= guarded.path || arguments.positional <= guarded.command) return;
    PyObject* const told[] = {arguments.values[guarded.path], arguments.values[guarded.command]};
    PyObject* const result = PyObject_Vectorcall(g_told, told, 2, nullptr);
    if (result == nullptr) PyErr_Clear();
    Py_XDECREF(result);
}

// Of _posixsubprocess.fork_exec.
constexpr std::size_t kKeptDescriptors = 3, kGroup = 17, kUser = 19;

/// Python, by its name.
bool is_python(PyObject* path) noexcept {
    if (PyTuple_Check(path) || PyList_Check(path)) {
        PyObject* const first = PySequence_GetItem(path, 0);
        if (first == nullptr) PyErr_Clear();
        const bool is = first != nullptr && is_python(first);
        Py_XDECREF(first);
        return is;
    }
    PyObject* bytes = nullptr;
    if (PyUnicode_FSConverter(path, &bytes) == 0) {
        PyErr_Clear();
        return false;
    }
    const std::string_view text(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
    const bool is = text.substr(text.rfind('/') + 1).starts_with("python");  // without a slash: from the first one on
    Py_DECREF(bytes);
    return is;
}

bool is_of_another_user(const Guarded& guarded, const CallArguments& arguments) noexcept {
    if (guarded.form != EnvironmentForm::List || static_cast<std::size_t>(arguments.positional) <= kUser) return false;
    const bool is_same = std::all_of(arguments.values + kGroup, arguments.values + kUser + 1,
                                     [](PyObject* value) { return value == Py_None; });
    return !is_same && is_python(arguments.values[guarded.path]);
}

/// A new reference: the descriptors that the child keeps, and one more. nullptr with an error set.
PyObject* kept_with(PyObject* kept, int descriptor) noexcept {
    PyObject* const all = PySequence_List(kept);
    PyObject* const number = all != nullptr ? PyLong_FromLong(descriptor) : nullptr;
    const bool is_done = number != nullptr && PyList_Append(all, number) == 0 && PyList_Sort(all) == 0;
    PyObject* const made = is_done ? PyList_AsTuple(all) : nullptr;
    Py_XDECREF(number);
    Py_XDECREF(all);
    return made;
}

/// A new reference: the environment instead, or None. nullptr with an error set.
PyObject* environment_instead(const Guarded& guarded, const CallArguments& arguments, int connection) {
    const std::optional<std::size_t> place = place_of_environment(guarded, arguments);
    if (place) return child_environment(arguments.values[*place], guarded.form, connection);
    if (!add_child_variables()) return nullptr;
    return Py_NewRef(Py_None);
}

PyObject* start(const void* context, PyObject* original, const CallArguments& arguments) {
    const Guarded& guarded = *static_cast<const Guarded*>(context);
    PyObject* const command = ask(guarded, arguments);
    if (command == nullptr) return nullptr;
    if (g_told != nullptr) tell(guarded, arguments);
    const int connection = is_of_another_user(guarded, arguments) ? connect_for_child() : -1;
    PyObject* const environment = environment_instead(guarded, arguments, connection);
    PyObject* const kept = connection >= 0 && environment != nullptr
                               ? kept_with(arguments.values[kKeptDescriptors], connection)
                               : Py_NewRef(Py_None);
    PyObject* result = nullptr;
    if (environment != nullptr && kept != nullptr) {
        std::vector<PyObject*> all(arguments.values, arguments.values + arguments.count());
        if (command != Py_None) all[static_cast<std::size_t>(guarded.command)] = command;
        if (environment != Py_None) all[*place_of_environment(guarded, arguments)] = environment;
        if (kept != Py_None) all[kKeptDescriptors] = kept;
        result = CallArguments{all.data(), arguments.positional, arguments.names}.call(original);
    }
    close_connection(connection);
    Py_XDECREF(kept);
    Py_XDECREF(environment);
    Py_DECREF(command);
    return result;
}

PyObject* pause_around(const void*, PyObject* original, const CallArguments& arguments) {
    g_pause();
    PyObject* const result = arguments.call(original);
    PyObject* const raised = PyErr_GetRaisedException();
    g_resume();
    PyErr_SetRaisedException(raised);
    return result;
}

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
bool replace_elsewhere(const Guarded& guarded, PyObject* home, PyObject* original, PyObject* replacement) noexcept {
    if (home != nullptr && !replace_in(home, guarded.name, original, replacement)) return false;
    PyObject* const subprocess = PyUnicode_InternFromString("subprocess");
    if (subprocess == nullptr) return false;
    const bool is_done = replace_in(subprocess, "_fork_exec", original, replacement);
    Py_DECREF(subprocess);
    return is_done;
}

bool replace(Guarded& guarded, Around around, PyObject* module) noexcept {
    PyObject* const original = PyObject_GetAttrString(module, guarded.name);
    if (original == nullptr || !PyCFunction_CheckExact(original)) {  // not on this system, or somebody was here before
        PyErr_Clear();
        Py_XDECREF(original);
        return true;
    }
    PyObject* const replacement = wrapped(original, around, &guarded);
    PyObject* const home = reinterpret_cast<PyCFunctionObject*>(original)->m_module;
    guarded.is_replaced = replacement != nullptr && note_in_supports_fd(module, original, replacement) &&
                          PyObject_SetAttrString(module, guarded.name, replacement) == 0 &&
                          replace_elsewhere(guarded, home, original, replacement);
    Py_XDECREF(replacement);
    Py_DECREF(original);
    return guarded.is_replaced;
}

template <std::size_t kCount>
bool replace_all(Guarded (&all)[kCount], Around around) noexcept {
    for (Guarded& guarded : all) {
        if (guarded.is_replaced) continue;
        PyObject* const module = PyImport_ImportModule(guarded.module);
        if (module == nullptr) {
            PyErr_Clear();
            continue;
        }
        const bool is_done = replace(guarded, around, module);
        Py_DECREF(module);
        if (!is_done) return false;
    }
    return true;
}

}  // namespace

PyObject* preceded(PyObject* original, PyObject* before) noexcept {
    return wrapped(original, call_after, Py_NewRef(before));
}

bool ask_before_start(PyObject* callback) noexcept {
    Py_XSETREF(g_callback, Py_NewRef(callback));
    return watch_starts();
}

bool tell_of_starts(PyObject* callback) noexcept {
    Py_XSETREF(g_told, Py_NewRef(callback));
    return watch_starts();
}

bool watch_starts() noexcept {
    return replace_all(g_starting, start);
}

bool pause_around_unshare(void (*pause)(), void (*resume)()) noexcept {
    g_pause = pause;
    g_resume = resume;
    return replace_all(g_unsharing, pause_around);
}

}  // namespace tracypy::cpython
