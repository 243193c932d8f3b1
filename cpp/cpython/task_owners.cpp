#include "cpython/task_owners.hpp"

#include <algorithm>
#include <vector>

#include "cpython/compat.hpp"
#include "cpython/lookup_keys.hpp"

namespace tracypy::cpython {
namespace {

constexpr Py_ssize_t kLeast = 32;
thread_local constinit Py_ssize_t t_next_look = kLeast;  // when so many owners are known

struct OwnerKeys {
    LookupKey owners{"tracypy.tasks"};
};

PyObject* owners_by(PyObject* name) noexcept {
    PyObject* const all = PyThreadState_GetDict();
    if (all == nullptr || name == nullptr) return nullptr;
    PyObject* found = PyDict_GetItemWithError(all, name);
    if (found != nullptr || PyErr_Occurred() != nullptr) return found;
    PyObject* const made = PyDict_New();
    if (made == nullptr) return nullptr;
    const bool is_kept = PyDict_SetItem(all, name, made) == 0;
    Py_DECREF(made);
    return is_kept ? made : nullptr;
}

// A dict of the thread's own: from a fiber's key to a weak reference. It goes away with the thread, as any other of its
// objects. Borrowed, or null.
PyObject* owners() noexcept {
    return with_keys<OwnerKeys>([](const OwnerKeys& keys) { return owners_by(keys.owners); });
}

// New reference, or null.
PyObject* reference_to_running_coroutine() noexcept {
    PyFrameObject* const frame = PyEval_GetFrame();
    PyObject* const coroutine = frame != nullptr ? PyFrame_GetGenerator(frame) : nullptr;
    if (coroutine == nullptr) return nullptr;
    PyObject* const reference = PyWeakref_NewRef(coroutine, nullptr);
    Py_DECREF(coroutine);
    return reference;
}

void end_those_without(recorder::ThreadBuffer& buffer, PyObject* owners) {
    std::vector<PyObject*> gone;  // keys: borrowed from the dict
    PyObject* key = nullptr;
    PyObject* reference = nullptr;
    for (Py_ssize_t place = 0; PyDict_Next(owners, &place, &key, &reference) != 0;) {
        if (is_dead(reference)) gone.push_back(key);
    }
    for (PyObject* const one : gone) {
        buffer.end_fiber_of(PyLong_AsUnsignedLongLong(one));
        PyDict_DelItem(owners, one);
    }
}

void watch(recorder::ThreadBuffer& buffer, recorder::FiberKey key) {
    PyObject* const all = owners();
    if (all == nullptr) return;
    PyObject* const number = PyLong_FromUnsignedLongLong(key);
    PyObject* const reference = reference_to_running_coroutine();
    if (number != nullptr && reference != nullptr) PyDict_SetItem(all, number, reference);
    Py_XDECREF(number);
    Py_XDECREF(reference);
    if (PyDict_Size(all) < t_next_look) return;
    end_those_without(buffer, all);
    t_next_look = std::max(kLeast, 2 * PyDict_Size(all));
}

}  // namespace

void watch_owner(recorder::ThreadBuffer& buffer, recorder::FiberKey key) noexcept {
    try {
        watch(buffer, key);
    } catch (...) {
        // Out of memory: the next one looks.
    }
    PyErr_Clear();
}

}  // namespace tracypy::cpython
