#include "cpython/locks.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "cpython/arguments.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/told_lock.hpp"

namespace tracypy::cpython {
namespace {

/// What does the work is the interpreter's own lock: its waiting, its timeouts, its errors, its signals.
struct LockObject {
    PyObject_HEAD
    PyObject* inner;
    PyObject* acquire;  // its methods
    PyObject* release;
    unsigned long holder;  // the thread; of a Lock that was obtained last
    std::size_t depth;     // how often it has it; of a Lock 0 or 1
    // How many threads wait for the inner lock. One of them may have it by now: it says so when it has the interpreter.
    std::uint32_t waiting;
    PyObject* weak_references;
    ToldLock told;
};

PyTypeObject* g_lock_type = nullptr;
PyTypeObject* g_rlock_type = nullptr;
PyObject* g_thread_module = nullptr;

LockObject& self_of(PyObject* object) noexcept {
    return *reinterpret_cast<LockObject*>(object);
}
bool is_reentrant(PyObject* object) noexcept {
    return PyObject_TypeCheck(object, g_rlock_type);
}

// --- making ---

void lock_dealloc(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    LockObject& self = self_of(object);
    if (self.weak_references != nullptr) PyObject_ClearWeakRefs(object);
    self.told.stop();
    Py_CLEAR(self.acquire);
    Py_CLEAR(self.release);
    Py_CLEAR(self.inner);
    type->tp_free(object);
    Py_DECREF(type);
}

PyObject* make(PyTypeObject* type, PyObject* arguments, PyObject* keywords, const char* maker,
               const char* word) noexcept {
    static const char* const kNames[] = {"name", nullptr};
    PyObject* name = Py_None;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|$O", const_cast<char**>(kNames), &name)) return nullptr;
    if (name != Py_None && !require_str(word, "name", name)) return nullptr;
    PyObject* const object = type->tp_alloc(type, 0);
    if (object == nullptr) return nullptr;
    LockObject& self = self_of(object);
    self.told.start(word, name == Py_None ? nullptr : name, false);
    self.inner = PyObject_CallMethod(g_thread_module, maker, nullptr);
    if (self.inner != nullptr) self.acquire = PyObject_GetAttrString(self.inner, "acquire");
    if (self.acquire != nullptr) self.release = PyObject_GetAttrString(self.inner, "release");
    if (self.release != nullptr) return object;
    Py_DECREF(object);
    return nullptr;
}

PyObject* lock_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) noexcept {
    return make(type, arguments, keywords, "allocate_lock", "Lock");
}
PyObject* rlock_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) noexcept {
    return make(type, arguments, keywords, "RLock", "RLock");
}

// --- acquire and release ---

bool is_mine(PyObject* object) noexcept {
    const LockObject& self = self_of(object);
    return is_reentrant(object) && self.depth != 0 && self.holder == PyThread_get_thread_ident();
}

/// Or is likely to be: it may be let go of just now.
bool is_taken(LockObject& self) noexcept {
    return self.depth != 0 || std::atomic_ref(self.waiting).load(std::memory_order_relaxed) != 0;
}

/// The result of `acquire`, which waits for the inner lock.
template <typename Acquire>
PyObject* wait_for(LockObject& self, Acquire acquire) noexcept {
    const std::atomic_ref waiting(self.waiting);
    PyObject* result = nullptr;
    waiting.fetch_add(1, std::memory_order_relaxed);
    wait_out_the_end([&] { result = acquire(); });
    waiting.fetch_sub(1, std::memory_order_relaxed);
    return result;
}

/// By the thread that has it now.
void note_obtained(PyObject* object, std::size_t times = 1) noexcept {
    LockObject& self = self_of(object);
    const bool is_first = !is_mine(object);
    self.holder = PyThread_get_thread_ident();
    self.depth = is_first ? times : self.depth + 1;
    if (!is_first || process_recorder().epoch() == 0) return;
    const ObjectLock lock(object);
    self.told.obtain(ready_buffer());
}

/// It has not let go of it yet: whoever obtains it next is to be told after this.
void note_released(PyObject* object) noexcept {
    LockObject& self = self_of(object);
    if (self.depth == 0 || (is_reentrant(object) && !is_mine(object))) return;  // an error, which the lock raises
    if (--self.depth != 0 || process_recorder().epoch() == 0) return;
    const ObjectLock lock(object);
    self.told.release(ready_buffer());
}

void note_waiting(PyObject* object) noexcept {
    const ObjectLock lock(object);
    self_of(object).told.wait(ready_buffer());
}

void note_given_up(PyObject* object) noexcept {
    PyObject* const raised = PyErr_GetRaisedException();
    const ObjectLock lock(object);
    self_of(object).told.give_up(ready_buffer());
    PyErr_SetRaisedException(raised);
}

/// With the arguments of acquire(); those that are wrong wait for nothing.
bool may_wait(PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    PyObject* blocking = count > 0 ? arguments[0] : Py_True;
    const Py_ssize_t keyword_count = keywords != nullptr ? PyTuple_GET_SIZE(keywords) : 0;
    for (Py_ssize_t i = 0; i < keyword_count; ++i) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(keywords, i), "blocking") == 0) {
            blocking = arguments[count + i];
        }
    }
    return blocking == Py_True || (PyLong_CheckExact(blocking) && PyObject_IsTrue(blocking) == 1);
}

/// `result`, a reference, of the lock's own acquire().
PyObject* acquired(PyObject* object, bool has_waited, PyObject* result) noexcept {
    if (result == Py_True) {
        note_obtained(object);
    } else if (has_waited) {
        note_given_up(object);
    }
    return result;
}

PyObject* acquire_told(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    LockObject& self = self_of(object);
    const bool may_try = count == 0 && keywords == nullptr;
    if (may_try) {
        PyObject* const at_once = PyObject_CallOneArg(self.acquire, Py_False);
        if (at_once != Py_False) return acquired(object, false, at_once);
        Py_DECREF(at_once);
    }
    // It may be let go of just now: then the wait is short.
    const bool waits = (may_try || is_taken(self)) && !is_mine(object) && may_wait(arguments, count, keywords);
    if (waits) note_waiting(object);
    PyObject* const result = wait_for(
        self, [&] { return PyObject_Vectorcall(self.acquire, arguments, static_cast<std::size_t>(count), keywords); });
    return acquired(object, waits, result);
}

PyObject* lock_acquire(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    if (process_recorder().epoch() != 0) return acquire_told(object, arguments, count, keywords);
    LockObject& self = self_of(object);
    PyObject* const result = wait_for(
        self, [&] { return PyObject_Vectorcall(self.acquire, arguments, static_cast<std::size_t>(count), keywords); });
    return acquired(object, false, result);
}

PyObject* lock_release(PyObject* object, PyObject*) noexcept {
    note_released(object);
    return PyObject_CallNoArgs(self_of(object).release);
}

PyObject* lock_enter(PyObject* object, PyObject*) noexcept {
    return lock_acquire(object, nullptr, 0, nullptr);
}

PyObject* lock_exit(PyObject* object, PyObject* const*, Py_ssize_t) noexcept {
    return lock_release(object, nullptr);
}

// --- what else locks have ---

PyObject* lock_locked(PyObject* object, PyObject*) noexcept {
    return PyObject_CallMethod(self_of(object).inner, "locked", nullptr);
}

/// In a forked child, which has no other thread.
PyObject* lock_reset(PyObject* object, PyObject*) noexcept {
    self_of(object).depth = 0;
    self_of(object).waiting = 0;
    return PyObject_CallMethod(self_of(object).inner, "_at_fork_reinit", nullptr);
}

PyObject* rlock_locked(PyObject* object, PyObject*) noexcept {
    return PyBool_FromLong(self_of(object).depth != 0);
}

PyObject* rlock_is_owned(PyObject* object, PyObject*) noexcept {
    return PyObject_CallMethod(self_of(object).inner, "_is_owned", nullptr);
}

PyObject* rlock_recursion_count(PyObject* object, PyObject*) noexcept {
    return PyLong_FromSize_t(is_mine(object) ? self_of(object).depth : 0);
}

/// Condition.wait(): lets go of it, however often it has it.
PyObject* rlock_release_save(PyObject* object, PyObject*) noexcept {
    if (is_mine(object)) {
        self_of(object).depth = 1;
        note_released(object);
    }
    return PyObject_CallMethod(self_of(object).inner, "_release_save", nullptr);
}

/// The end of it: `state` is a tuple of how often, and who.
PyObject* rlock_acquire_restore(PyObject* object, PyObject* state) noexcept {
    LockObject& self = self_of(object);
    if (process_recorder().epoch() != 0 && is_taken(self)) note_waiting(object);
    PyObject* const result =
        wait_for(self, [&] { return PyObject_CallMethod(self.inner, "_acquire_restore", "(O)", state); });
    if (result == nullptr) return nullptr;
    const bool has_count = PyTuple_Check(state) && PyTuple_GET_SIZE(state) > 0;
    const std::size_t times = has_count ? PyLong_AsSize_t(PyTuple_GET_ITEM(state, 0)) : 1;
    note_obtained(object, times);
    return result;
}

PyObject* lock_repr(PyObject* object) noexcept {
    return PyUnicode_FromFormat("<tracypy.%s of %R>", is_reentrant(object) ? "RLock" : "Lock", self_of(object).inner);
}

/// That of the interpreter's own: so it passes for one, for isinstance().
PyObject* lock_class(PyObject* object, void*) noexcept {
    PyObject* const inner = self_of(object).inner;
    return Py_NewRef(reinterpret_cast<PyObject*>(inner != nullptr ? Py_TYPE(inner) : Py_TYPE(object)));
}

#define TRACYPY_FUNCTION(function) reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function))
#define TRACYPY_ACQUIRE(name)                                             \
    {name, TRACYPY_FUNCTION(lock_acquire), METH_FASTCALL | METH_KEYWORDS, \
     name                                                                 \
     "($self, blocking=True, timeout=-1)\n--\n\n"                         \
     "Obtain the lock, and wait for it if need be and wanted. Return whether it was obtained."}
#define TRACYPY_RELEASE(name) \
    {name, TRACYPY_FUNCTION(lock_release), METH_NOARGS, name "($self)\n--\n\nLet go of the lock."}
#define TRACYPY_BLOCK                                                                                     \
    {"__enter__", TRACYPY_FUNCTION(lock_enter), METH_NOARGS, "__enter__($self)\n--\n\nObtain the lock."}, \
        {"__exit__", TRACYPY_FUNCTION(lock_exit), METH_FASTCALL,                                          \
         "__exit__($self, *exc_info)\n--\n\nLet go of the lock."}

PyMethodDef g_lock_methods[] = {
    TRACYPY_ACQUIRE("acquire"),
    TRACYPY_ACQUIRE("acquire_lock"),
    TRACYPY_RELEASE("release"),
    TRACYPY_RELEASE("release_lock"),
    TRACYPY_BLOCK,
    {"locked", TRACYPY_FUNCTION(lock_locked), METH_NOARGS,
     "locked($self)\n--\n\nReturn whether somebody has the lock."},
    {"locked_lock", TRACYPY_FUNCTION(lock_locked), METH_NOARGS, "locked_lock($self)\n--\n\nAs locked()."},
    {"_at_fork_reinit", TRACYPY_FUNCTION(lock_reset), METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyMethodDef g_rlock_methods[] = {
    TRACYPY_ACQUIRE("acquire"),
    TRACYPY_RELEASE("release"),
    TRACYPY_BLOCK,
    {"locked", TRACYPY_FUNCTION(rlock_locked), METH_NOARGS,
     "locked($self)\n--\n\nReturn whether somebody has the lock."},
    {"_at_fork_reinit", TRACYPY_FUNCTION(lock_reset), METH_NOARGS, nullptr},
    {"_is_owned", TRACYPY_FUNCTION(rlock_is_owned), METH_NOARGS, nullptr},
    {"_recursion_count", TRACYPY_FUNCTION(rlock_recursion_count), METH_NOARGS, nullptr},
    {"_release_save", TRACYPY_FUNCTION(rlock_release_save), METH_NOARGS, nullptr},
    {"_acquire_restore", TRACYPY_FUNCTION(rlock_acquire_restore), METH_O, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyMemberDef g_members[] = {
    {"__weaklistoffset__", Py_T_PYSSIZET, offsetof(LockObject, weak_references), Py_READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyGetSetDef g_properties[] = {
    {"__class__", lock_class, nullptr, nullptr, nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot g_lock_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(lock_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(lock_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(lock_repr)},
    {Py_tp_methods, g_lock_methods},
    {Py_tp_members, g_members},
    {Py_tp_getset, g_properties},
    {Py_tp_doc, const_cast<char*>("Lock(*, name=None)\n--\n\n"
                                  "A lock as threading.Lock, whose waits and holds a trace shows.\n\n"
                                  "Args:\n    name: Shown in the viewer; None for the place where it is made.")},
    {0, nullptr},
};

PyType_Slot g_rlock_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(rlock_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(lock_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(lock_repr)},
    {Py_tp_methods, g_rlock_methods},
    {Py_tp_members, g_members},
    {Py_tp_getset, g_properties},
    {Py_tp_doc, const_cast<char*>("RLock(*, name=None)\n--\n\n"
                                  "A lock as threading.RLock, whose waits and holds a trace shows.\n\n"
                                  "Args:\n    name: Shown in the viewer; None for the place where it is made.")},
    {0, nullptr},
};

constexpr unsigned long kFlags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE;
PyType_Spec g_lock_spec = {"tracypy._core.Lock", sizeof(LockObject), 0, kFlags, g_lock_slots};
PyType_Spec g_rlock_spec = {"tracypy._core.RLock", sizeof(LockObject), 0, kFlags, g_rlock_slots};

bool add_type(PyObject* module, const char* name, PyTypeObject*& type, PyType_Spec& spec) noexcept {
    if (type == nullptr) type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    return type != nullptr && PyModule_AddObjectRef(module, name, reinterpret_cast<PyObject*>(type)) == 0;
}

}  // namespace

bool add_locks_to(PyObject* module) noexcept {
    if (g_thread_module == nullptr) g_thread_module = PyImport_ImportModule("_thread");
    return g_thread_module != nullptr && add_type(module, "Lock", g_lock_type, g_lock_spec) &&
           add_type(module, "RLock", g_rlock_type, g_rlock_spec);
}

}  // namespace tracypy::cpython
