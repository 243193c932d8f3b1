// All differences between CPython's versions and builds. No other file tests PY_VERSION_HEX or Py_GIL_DISABLED.
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <opcode.h>

#include <chrono>
#include <cstdint>
#include <thread>

#if PY_VERSION_HEX < 0x030C0000
#error "tracypy needs CPython 3.12 or later (PEP 669, sys.monitoring)"
#endif

namespace tracypy::cpython {

#ifdef Py_GIL_DISABLED
inline constexpr bool kFreeThreaded = true;
#else
inline constexpr bool kFreeThreaded = false;
#endif

/// Before, several interpreters share code objects, which were frozen when Python was built.
inline constexpr bool kRecordsSubinterpreters = PY_VERSION_HEX >= 0x030D0000;

#if PY_VERSION_HEX < 0x03100000 && defined(__GNUC__)
#define TRACYPY_READS_CODE_EXTRA 1

/// What a code object's co_extra points to: a count, then that many slots. The same from 3.6 to 3.15.
struct CodeExtra {
    Py_ssize_t size;
    void* slots[1];
};
#endif

/// The slot `index` of the co_extra of `code`, a code object; 0 when it was never set.
///
/// PyUnstable_Code_GetExtra does the same behind a call; reading the array here saves about 2 ns of the 22 that an
/// event may cost. A size of 0 is that of write_code_extra: less 1 it is as large as can be. With an `index` of 0 that
/// is known when this is compiled, the size need not be read: no array is without its first slot.
inline std::uintptr_t read_code_extra(PyObject* code, Py_ssize_t index) noexcept {
#ifdef TRACYPY_READS_CODE_EXTRA
    // Acquire: on free-threaded builds another thread may be publishing the array just now.
    const auto* const extra = static_cast<const CodeExtra*>(
        __atomic_load_n(&reinterpret_cast<PyCodeObject*>(code)->co_extra, __ATOMIC_ACQUIRE));
    if (extra == nullptr || static_cast<std::size_t>(extra->size) - 1 < static_cast<std::size_t>(index)) return 0;
    return reinterpret_cast<std::uintptr_t>(__atomic_load_n(&extra->slots[index], __ATOMIC_RELAXED));
#else
    void* extra = nullptr;
    if (PyUnstable_Code_GetExtra(code, index, &extra) != 0) {
        PyErr_Clear();
        return 0;
    }
    return reinterpret_cast<std::uintptr_t>(extra);
#endif
}

/// Sets that slot, which another tool that sets one of its own on the same code object may clear. Failing is silent:
/// the slot keeps what it has.
///
/// PyUnstable_Code_SetExtra makes an array for all who have a slot, and a code object that goes calls the destructors
/// of all that its array has room for, with null where they have set nothing: those of extensions that are gone, too
/// (Objects/codeobject.c, code_dealloc, from 3.12 to 3.15). So the array is our own, and says that it has no slots. Who
/// sets one on the same code object makes it an ordinary one. Without the GIL that would be a race with them.
inline void write_code_extra(PyObject* code, Py_ssize_t index, std::uintptr_t value) noexcept {
#if defined(TRACYPY_READS_CODE_EXTRA) && !defined(Py_GIL_DISABLED)
    void*& place = reinterpret_cast<PyCodeObject*>(code)->co_extra;
    auto* extra = static_cast<CodeExtra*>(place);
    if (extra == nullptr) {
        extra = static_cast<CodeExtra*>(
            PyMem_Calloc(1, sizeof(CodeExtra) + static_cast<std::size_t>(index) * sizeof(void*)));
        if (extra == nullptr) return;
        place = extra;
    }
    if (extra->size > index || extra->size == 0) {
        extra->slots[index] = reinterpret_cast<void*>(value);
        return;
    }
#endif
    if (PyUnstable_Code_SetExtra(code, index, reinterpret_cast<void*>(value)) != 0) PyErr_Clear();
}

/// Native code may fire events for an object that only looks like a code object (PyMonitoring_*, 3.13).
inline bool is_code(PyObject* object) noexcept {
    return Py_IS_TYPE(object, &PyCode_Type);
}

/// `container[key]` as a new reference, or null, also where `container` is not a dict. Runs no Python code for a str
/// key.
inline PyObject* dict_item(PyObject* container, PyObject* key) noexcept {
    if (container == nullptr || key == nullptr || !PyDict_Check(container)) return nullptr;
#if PY_VERSION_HEX >= 0x030D0000
    PyObject* item = nullptr;
    PyDict_GetItemRef(container, key, &item);
    return item;
#else
    return Py_XNewRef(PyDict_GetItemWithError(container, key));
#endif
}

/// What is in a module that has been imported, as a new reference; null for what passes for one, and is another object.
/// Not by PyImport_GetModule, which also asks whether the module is complete: ten times as expensive.
inline PyObject* dict_of_imported(PyObject* name) noexcept {
    PyObject* const module = dict_item(PyImport_GetModuleDict(), name);
    PyObject* const dict = module != nullptr && PyModule_Check(module) ? PyModule_GetDict(module) : nullptr;
    Py_XINCREF(dict);
    Py_XDECREF(module);
    return dict;
}

/// The calling thread's state; never fails while the interpreter runs Python code on this thread.
inline PyThreadState* thread_state() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    return PyThreadState_GetUnchecked();
#else
    return _PyThreadState_UncheckedGet();
#endif
}

/// The frame that runs now, without making a frame object of it; nullptr when there is none.
inline struct _PyInterpreterFrame* running_frame() noexcept {
    PyThreadState* const state = thread_state();
#if PY_VERSION_HEX >= 0x030D0000
    return state->current_frame;
#else
    return state->cframe->current_frame;
#endif
}

/// The frame of a coroutine lies inside the object, at the same place in each of a type.
inline bool is_run_by(PyObject* coroutine, const void* frame) noexcept {
    const auto* const begin = reinterpret_cast<const char*>(coroutine);
    const auto* const at = static_cast<const char*>(frame);
    return at > begin && at < begin + Py_TYPE(coroutine)->tp_basicsize;
}

/// The frame that called `frame`; nullptr for the outermost one. A frame begins with what it runs, then this, from 3.12
/// to 3.15; no public function tells it without making an object of the frame.
inline struct _PyInterpreterFrame* outer_frame(const struct _PyInterpreterFrame* frame) noexcept {
    return reinterpret_cast<struct _PyInterpreterFrame* const*>(frame)[1];
}

/// Whether what runs in `frame`, `code`, has begun its work. A helper of the interpreter itself never does.
inline bool has_begun(struct _PyInterpreterFrame* frame, PyObject* code) noexcept {
    constexpr int kInstruction = 2;
    return PyUnstable_InterpreterFrame_GetLasti(frame) >=
           kInstruction * reinterpret_cast<PyCodeObject*>(code)->_co_firsttraceable;
}

/// Not asked for Py_IsInitialized: from 3.15 on that is false while `site` is imported, where a child joins its family.
inline bool interpreter_is_leaving() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    const bool is_finalizing = Py_IsFinalizing() != 0;
#else
    const bool is_finalizing = _Py_IsFinalizing() != 0;
#endif
    return is_finalizing || PyInterpreterState_Main() == nullptr;
}

/// Holds what belongs to `object` while more than one thread may use it. With the GIL that is held already; like that,
/// it is let go of where the thread waits.
class ObjectLock {
public:
#ifdef Py_GIL_DISABLED
    explicit ObjectLock(PyObject* object) noexcept { PyCriticalSection_Begin(&section_, object); }
    ~ObjectLock() { PyCriticalSection_End(&section_); }
#else
    explicit ObjectLock(PyObject*) noexcept {}
#endif
    ObjectLock(const ObjectLock&) = delete;
    ObjectLock& operator=(const ObjectLock&) = delete;

private:
#ifdef Py_GIL_DISABLED
    PyCriticalSection section_;
#endif
};

/// In a forked child: another thread may have been given it while it waited for the fork to be over.
inline void renew_lock_after_fork([[maybe_unused]] PyObject* object) noexcept {
#ifdef Py_GIL_DISABLED
    object->ob_mutex = {};
#endif
}

/// Whether the calling thread may use the main interpreter now. Any thread, and at any time.
inline bool holds_main_interpreter() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    const PyThreadState* const state = PyThreadState_GetUnchecked();
#else
    const PyThreadState* const state = _PyThreadState_UncheckedGet();
#endif
    return state != nullptr && state->interp == PyInterpreterState_Main();
}

/// Whether the calling thread, which has the interpreter, runs no more than one frame of Python.
inline bool is_in_first_frame() noexcept {
    const PyThreadState* const state = PyThreadState_Get();
    return state->py_recursion_limit - state->py_recursion_remaining <= 1;
}

/// What the frames of all versions begin with. From 3.14 on the lowest bits of the first word say who owns what it
/// points to.
struct FrameHead {
    std::uintptr_t executable;
    struct _PyInterpreterFrame* previous;
};

/// Borrowed; null of a frame that is the interpreter's own, between native code and what that calls.
inline PyCodeObject* code_of(const struct _PyInterpreterFrame* frame) noexcept {
    constexpr std::uintptr_t kTags = 7;
    const auto* const head = reinterpret_cast<const FrameHead*>(frame);
    auto* const object = reinterpret_cast<PyObject*>(head->executable & ~kTags);
    if (object == nullptr || !is_code(object)) return nullptr;
    auto* const code = reinterpret_cast<PyCodeObject*>(object);
#if PY_VERSION_HEX < 0x030D0000
    if (PyUnicode_CompareWithASCIIString(code->co_name, "<interpreter trampoline>") == 0) return nullptr;
#endif
    return code;
}
inline struct _PyInterpreterFrame* caller_of(const struct _PyInterpreterFrame* frame) noexcept {
    return reinterpret_cast<const FrameHead*>(frame)->previous;
}

/// Does `frame`, which runs `code`, wait for what it awaits, or takes its values from, rather than for a call?
inline bool is_sending(struct _PyInterpreterFrame* frame, PyCodeObject* code) noexcept {
    const int at = PyUnstable_InterpreterFrame_GetLasti(frame);
    if (at < 0 || at >= Py_SIZE(code) * 2) return false;
    switch (static_cast<unsigned char>(code->co_code_adaptive[at])) {
        case SEND:
        case SEND_GEN:
            return true;
        default:
            return false;
    }
}

/// Is the instruction at `offset` (bytes) a RESUME, the point at which a function has not begun its work?
inline bool is_resume_at(PyObject* code, Py_ssize_t offset) noexcept {
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    const auto is_resume = [object](Py_ssize_t at) {
        if (at < 0 || at >= Py_SIZE(object) * 2) return false;
        switch (static_cast<unsigned char>(object->co_code_adaptive[at])) {
            case RESUME:
            case INSTRUMENTED_RESUME:
#ifdef RESUME_CHECK
            case RESUME_CHECK:
#endif
#ifdef RESUME_CHECK_JIT
            case RESUME_CHECK_JIT:
#endif
                return true;
            default:
                return false;
        }
    };
#if PY_VERSION_HEX >= 0x030F0000
    // It has an inline cache since 3.15, and what is reported is the place of that.
    constexpr Py_ssize_t kInstruction = 2;
    if (is_resume(offset - kInstruction)) return true;
#endif
    return is_resume(offset);
}

/// Is that RESUME the one at which a function begins, and no generator goes on?
inline bool is_start_at(PyObject* code, Py_ssize_t offset) noexcept {
    if (!is_resume_at(code, offset)) return false;
    const auto* const units =
        reinterpret_cast<const unsigned char*>(reinterpret_cast<PyCodeObject*>(code)->co_code_adaptive);
    constexpr unsigned kLocation = 3;  // the bits of its argument that say where it stands; 0: at the start
    return (units[offset + 1] & kLocation) == 0;
}

/// Is the instruction at `offset` (bytes) a `raise` with an exception?
inline bool is_raise_statement_at(PyObject* code, Py_ssize_t offset) noexcept {
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    if (offset < 0 || offset >= Py_SIZE(object) * 2) return false;
    return static_cast<unsigned char>(object->co_code_adaptive[offset]) == RAISE_VARARGS;
}

/// A new reference to an item of a list, or null with a Python error set.
inline PyObject* list_item(PyObject* list, Py_ssize_t index) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    return PyList_GetItemRef(list, index);
#else
    return Py_XNewRef(PyList_GetItem(list, index));
#endif
}

/// Of a weak reference: the object is gone.
inline bool is_dead(PyObject* reference) noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    PyObject* object = nullptr;
    const bool is_alive = PyWeakref_GetRef(reference, &object) != 0;  // or an error: not a reference
    Py_XDECREF(object);
    return !is_alive;
#else
    return PyWeakref_GET_OBJECT(reference) == Py_None;
#endif
}

/// Behind what a RESUME stands (Include/internal/pycore_opcode_utils.h).
enum class ResumeKind : std::uint8_t { Start = 0, Yield = 1, YieldFrom = 2, Await = 3 };

/// Of the RESUME of which an event says that it is at `offset`; always the same from 3.12 to 3.15.
inline ResumeKind resume_kind_at(PyObject* code, Py_ssize_t offset) noexcept {
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
#if PY_VERSION_HEX >= 0x030F0000
    if (!is_resume_at(code, offset)) return ResumeKind::Start;
    constexpr Py_ssize_t kInstruction = 2;  // as in is_resume_at
    if (offset >= kInstruction && is_resume_at(code, offset - kInstruction)) offset -= kInstruction;
#endif
    if (offset < 0 || offset + 1 >= Py_SIZE(object) * 2) return ResumeKind::Start;
    return static_cast<ResumeKind>(static_cast<unsigned char>(object->co_code_adaptive[offset + 1]) & 3);
}

/// Does the YIELD_VALUE at `offset` belong to a `yield`, and not to an `await` or a `yield from`? The RESUME behind it
/// says so.
inline bool yields_value_at(PyObject* code, Py_ssize_t offset) noexcept {
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    for (Py_ssize_t at = offset; at >= 0 && at < offset + 8 && at + 1 < Py_SIZE(object) * 2; at += 2) {
        if (is_resume_at(code, at)) return resume_kind_at(code, at) == ResumeKind::Yield;
    }
    return false;
}

/// Runs `work`, in which the calling thread may have to ask for the interpreter, and returns only if it got it.
///
/// At exit, CPython 3.12 and 3.13 end a daemon thread that asks for the interpreter by pthread_exit. That unwinds the
/// thread's stack as an exception would, and the first C++ function on it that cannot throw ends the whole process. So
/// such a thread does `before_waiting`, and then waits for the little time that the process still has, which is what
/// CPython 3.14 does itself.
template <typename Work, typename BeforeWaiting>
void wait_out_the_end(Work&& work, BeforeWaiting&& before_waiting) noexcept {
    try {
        work();
    } catch (...) {
        before_waiting();
        for (;;) std::this_thread::sleep_for(std::chrono::hours(1));  // leaving this block is not allowed
    }
}
template <typename Work>
void wait_out_the_end(Work&& work) noexcept {
    wait_out_the_end(work, [] {});
}

/// Runs `work(argument)` while no other thread is inside Python code, hence inside no handler of ours.
///
/// With the GIL, holding it is enough. Without it, the one public way to stop all threads is
/// PyUnstable_GC_VisitObjects (3.13), which stops the world around its visits: the first visit does the work and ends
/// the tour.
inline void with_world_stopped(void (*work)(void*), void* argument) noexcept {
#ifdef Py_GIL_DISABLED
    struct Once {
        void (*work)(void*);
        void* argument;
    } once{work, argument};
    wait_out_the_end([&once] {
        PyUnstable_GC_VisitObjects(
            [](PyObject*, void* raw) -> int {
                const auto* const self = static_cast<Once*>(raw);
                self->work(self->argument);
                return 0;
            },
            &once);
    });
#else
    work(argument);
#endif
}

}  // namespace tracypy::cpython
