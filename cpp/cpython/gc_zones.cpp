#include "cpython/gc_zones.hpp"

#include <string>

#include "base/names.hpp"
#include "cpython/code_table.hpp"
#include "cpython/compat.hpp"
#include "cpython/foreign_zones.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

alignas(16) const char g_subject = 0;  // whose address is the key
// Both made at import: to be listened to may happen on a thread of ours, where no import of the program's is to run.
PyObject* g_callbacks = nullptr;  // gc.callbacks: the list itself, whatever the program puts there later
PyObject* g_callback = nullptr;   // ours in it

base::SourceLocationId location() {
    static const base::SourceLocationId id = base::names().locate({"garbage collection", "gc", 0, 0, nullptr});
    return id;
}

/// An entry of what the collector says, as text.
std::string number(PyObject* info, const char* name) {
    PyObject* const value = PyDict_Check(info) ? PyDict_GetItemString(info, name) : nullptr;
    return std::to_string(value != nullptr ? PyLong_AsLongLong(value) : -1);
}

void end(recorder::ThreadBuffer& buffer, PyObject* info) {
    const recorder::ZoneKey key = foreign_key(&g_subject);
    if (!buffer.is_open(key)) return;  // the session began meanwhile
    if (buffer.is_innermost(key)) {
        buffer.write({events::Kind::ZoneText, 0,
                      "generation " + number(info, "generation") + ": " + number(info, "collected") + " collected, " +
                          number(info, "uncollectable") + " uncollectable"});
    }
    buffer.end(key);
}

// (phase, info): before a collection, and after it. Never raises.
PyObject* on_collection(PyObject*, PyObject* const* arguments, Py_ssize_t count) noexcept {
    try {
        recorder::ThreadBuffer* const buffer = count == 2 ? ready_buffer() : nullptr;
        if (buffer == nullptr || !PyUnicode_Check(arguments[0])) Py_RETURN_NONE;
        if (PyUnicode_CompareWithASCIIString(arguments[0], "start") == 0) {
            buffer->begin(foreign_key(&g_subject), location());
        } else {
            end(*buffer, arguments[1]);
        }
    } catch (...) {
        // Out of memory: the zone ends with the call in which it lies.
    }
    PyErr_Clear();
    Py_RETURN_NONE;
}

PyMethodDef g_method = {"tracypy_zone_of_collection",
                        reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(on_collection)), METH_FASTCALL,
                        "Make a garbage collection a zone. In gc.callbacks during a session."};

void take_out() noexcept {
    const ObjectLock lock(g_callbacks);
    for (Py_ssize_t i = PyList_GET_SIZE(g_callbacks); i > 0; --i) {
        if (PyList_GET_ITEM(g_callbacks, i - 1) == g_callback) PyList_SetSlice(g_callbacks, i - 1, i, nullptr);
    }
}

}  // namespace

bool init_gc_zones() {
    PyObject* const module = PyImport_ImportModule("gc");
    PyObject* const list = module != nullptr ? PyObject_GetAttrString(module, "callbacks") : nullptr;
    Py_XDECREF(module);
    if (list == nullptr || !PyList_CheckExact(list)) {  // the program has put something else there: no zones
        PyErr_Clear();
        Py_XDECREF(list);
        return true;
    }
    Py_XSETREF(g_callbacks, list);
    if (g_callback == nullptr) g_callback = PyCFunction_New(&g_method, nullptr);
    return g_callback != nullptr;
}

void set_gc_zones(const SwitchValue& value) noexcept {
    if (g_callbacks == nullptr) return;
    take_out();
    if (value.is_on() && PyList_Append(g_callbacks, g_callback) != 0) PyErr_Clear();
}

}  // namespace tracypy::cpython
