#include "cpython/greenlets.hpp"

#include <atomic>
#include <string>

#include "cpython/code_table.hpp"
#include "cpython/lookup_keys.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

std::atomic<bool> g_as_rows{true};
thread_local bool t_is_watching = false;
thread_local PyObject* t_previous = nullptr;  // owned: who traced this thread's greenlets before, or null

// New reference, or null without an error.
PyObject* attribute(PyObject* object, const char* name) noexcept {
    PyObject* const found = PyObject_GetAttrString(object, name);
    if (found == nullptr) PyErr_Clear();
    return found;
}

struct ModuleKeys {
    LookupKey greenlet{"greenlet"};
};

PyObject* greenlet_module() noexcept {
    PyObject* const module = with_keys<ModuleKeys>(
        [](const ModuleKeys& keys) { return dict_item(PyImport_GetModuleDict(), keys.greenlet); });
    if (module == nullptr) PyErr_Clear();
    return module;
}

PyObject* function_of_greenlet(const char* name) noexcept {
    PyObject* const module = greenlet_module();
    if (module == nullptr) return nullptr;
    PyObject* const function = attribute(module, name);
    Py_DECREF(module);
    return function;
}

/// Makes `tracer` this thread's; returns the one before, null for none. `*done`: it is.
PyObject* set_tracer(PyObject* tracer, bool* done) noexcept {
    *done = false;
    PyObject* const function = function_of_greenlet("settrace");
    if (function == nullptr) return nullptr;
    PyObject* before = PyObject_CallOneArg(function, tracer != nullptr ? tracer : Py_None);
    Py_DECREF(function);
    if (before == nullptr) {
        PyErr_Clear();
        return nullptr;
    }
    *done = true;
    if (before == Py_None) Py_CLEAR(before);
    return before;
}

void stop_watching() noexcept;

bool is_true(PyObject* object, const char* name) noexcept {
    PyObject* const value = attribute(object, name);
    const bool is_set = value != nullptr && value != Py_None && PyObject_IsTrue(value) == 1;
    PyErr_Clear();
    Py_XDECREF(value);
    return is_set;
}

/// 0 for the greenlet that is the thread itself: it has no parent.
recorder::FiberKey key_of(PyObject* greenlet) noexcept {
    PyObject* const parent = attribute(greenlet, "parent");
    const bool is_main = parent == nullptr || parent == Py_None;
    Py_XDECREF(parent);
    return is_main ? 0 : reinterpret_cast<recorder::FiberKey>(greenlet);
}

// gevent's greenlets know their function; of others only the kind is known.
std::string name_of(PyObject* greenlet) {
    std::string name;
    if (PyObject* const run = attribute(greenlet, "_run")) {
        if (PyObject* const function = attribute(run, "__qualname__")) {
            if (PyUnicode_Check(function)) name = utf8_of(function);
            Py_DECREF(function);
        }
        Py_DECREF(run);
    }
    return name.empty() ? Py_TYPE(greenlet)->tp_name : name;
}

void follow(PyObject* origin, PyObject* target) noexcept {
    recorder::ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return;
    try {
        const recorder::FiberKey to = key_of(target);
        const std::string name = to == 0 || buffer->has_fiber(to) ? std::string() : name_of(target);
        const bool is_over = is_true(origin, "dead");
        buffer->switch_greenlet(key_of(origin), is_over, to, name);
    } catch (...) {
        // Out of memory: what comes is shown on the row of what was before.
    }
}

// The first event that is seen may be one of a greenlet.
void enter_current(recorder::ThreadBuffer& buffer) noexcept {
    PyObject* const function = function_of_greenlet("getcurrent");
    if (function == nullptr) return;
    PyObject* const current = PyObject_CallNoArgs(function);
    Py_DECREF(function);
    if (current == nullptr) return PyErr_Clear();
    try {
        const recorder::FiberKey key = key_of(current);
        if (key != 0 && !buffer.has_fiber(key)) buffer.switch_greenlet(0, false, key, name_of(current));
    } catch (...) {
        // Out of memory: it has no row yet.
    }
    Py_DECREF(current);
}

// (event, (origin, target))
PyObject* on_switch(PyObject*, PyObject* const* arguments, Py_ssize_t count) noexcept {
    PyObject* const previous = Py_XNewRef(t_previous);
    if (previous != nullptr) {
        PyObject* const result = PyObject_Vectorcall(previous, arguments, static_cast<std::size_t>(count), nullptr);
        Py_DECREF(previous);
        if (result == nullptr) return nullptr;
        Py_DECREF(result);
    }
    if (process_recorder().epoch() == 0 || !g_as_rows.load(std::memory_order_relaxed)) {
        stop_watching();
    } else if (count == 2 && PyTuple_Check(arguments[1]) && PyTuple_GET_SIZE(arguments[1]) == 2) {
        follow(PyTuple_GET_ITEM(arguments[1], 0), PyTuple_GET_ITEM(arguments[1], 1));
    }
    Py_RETURN_NONE;
}

PyMethodDef g_method = {"tracypy_greenlet_tracer",
                        reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(on_switch)), METH_FASTCALL,
                        "Follow greenlets for tracypy."};

// The function that greenlet calls. Borrowed.
PyObject* tracer() noexcept {
    static constinit std::atomic<PyObject*> kept{nullptr};
    return made_once(
        kept, [] { return PyCFunction_New(&g_method, nullptr); }, [](PyObject* made) { Py_XDECREF(made); });
}

// Somebody who came later, and calls us, stays.
void stop_watching() noexcept {
    bool done = false;
    PyObject* const before = set_tracer(t_previous, &done);
    if (!done) return;
    if (before != tracer() && before != nullptr) {
        Py_XDECREF(set_tracer(before, &done));
        Py_DECREF(before);
        return;
    }
    Py_XDECREF(before);
    Py_CLEAR(t_previous);
    t_is_watching = false;
}

}  // namespace

bool wants_to_watch_greenlets() noexcept {
    if (t_is_watching || !g_as_rows.load(std::memory_order_relaxed)) return false;
    PyObject* const module = greenlet_module();
    Py_XDECREF(module);
    return module != nullptr;
}

void watch_greenlets(recorder::ThreadBuffer& buffer) noexcept {
    if (!wants_to_watch_greenlets()) return;
    if (tracer() == nullptr) return PyErr_Clear();
    bool done = false;
    PyObject* const before = set_tracer(tracer(), &done);
    if (!done) return;
    t_is_watching = true;
    if (before == tracer()) {
        Py_XDECREF(before);
    } else {
        Py_XSETREF(t_previous, before);
    }
    enter_current(buffer);
}

void set_greenlets_as_rows(bool on) noexcept {
    g_as_rows.store(on, std::memory_order_relaxed);
}

}  // namespace tracypy::cpython
