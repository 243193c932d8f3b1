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

/// The slot `index` of the code object's co_extra, 0 when it was never set.
///
/// PyUnstable_Code_GetExtra does the same behind a call; reading the two-word header here saves about 2 ns of the 22
/// that an event may cost. The layout (count, then that many pointers) has been the same from 3.6 to 3.14.
inline std::uintptr_t read_code_extra(PyObject* code, Py_ssize_t index) noexcept {
#if PY_VERSION_HEX < 0x030F0000 && defined(__GNUC__)
    struct Extra {
        Py_ssize_t size;
        void* slots[1];
    };
    // Acquire: on free-threaded builds another thread may be publishing the array just now.
    const auto* const extra =
        static_cast<const Extra*>(__atomic_load_n(&reinterpret_cast<PyCodeObject*>(code)->co_extra, __ATOMIC_ACQUIRE));
    if (extra == nullptr || extra->size <= index) return 0;
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

inline bool interpreter_is_leaving() noexcept {
#if PY_VERSION_HEX >= 0x030D0000
    return Py_IsInitialized() == 0 || Py_IsFinalizing() != 0;
#else
    return Py_IsInitialized() == 0 || _Py_IsFinalizing() != 0;
#endif
}

/// Is the instruction at `offset` (bytes) a RESUME, the point at which a function has not begun its work?
inline bool is_resume_at(PyObject* code, Py_ssize_t offset) noexcept {
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    if (offset < 0 || offset >= Py_SIZE(object) * 2) return false;
    const auto opcode = static_cast<unsigned char>(object->co_code_adaptive[offset]);
    if (opcode == RESUME || opcode == INSTRUMENTED_RESUME) return true;
#ifdef RESUME_CHECK
    if (opcode == RESUME_CHECK) return true;
#endif
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
