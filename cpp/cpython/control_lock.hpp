// The lock around changes of what is recorded, and the way of a native thread into the interpreter.
#pragma once

#include <mutex>
#include <new>
#include <optional>

#include "cpython/compat.hpp"
#include "cpython/gil.hpp"

namespace tracypy::cpython {

/// Held while the state of cpython/monitor.cpp changes. Waits without the GIL: its holder may be waiting for that.
///
/// Converts to false, and is not held, when the interpreter shuts down. Then the one thread that still runs is
/// the calling one. Any other that has the lock, or waits for the GIL to go on with it, does so for ever
/// (CPython 3.14).
class ControlLock {
public:
    ControlLock() noexcept : held_(!interpreter_is_leaving()) {
        if (!held_ || mutex().try_lock()) return;
        PyThreadState* const state = PyEval_SaveThread();
        mutex().lock();
        wait_out_the_end([state] { PyEval_RestoreThread(state); }, [] { mutex().unlock(); });
    }
    ~ControlLock() {
        if (held_) mutex().unlock();
    }
    ControlLock(const ControlLock&) = delete;
    ControlLock& operator=(const ControlLock&) = delete;
    explicit operator bool() const noexcept { return held_; }

    /// In a forked child, where a thread that no longer exists may have held it.
    static void renew() noexcept { new (&mutex()) std::mutex; }

private:
    static std::mutex& mutex() noexcept {
        alignas(std::mutex) static unsigned char storage[sizeof(std::mutex)];
        static std::mutex* const instance = new (storage) std::mutex;
        return *instance;
    }

    const bool held_;
};

/// A native thread's stay in the interpreter; converts to false when that is on its way out.
class InterpreterStay {
public:
    InterpreterStay() noexcept {
        if (!interpreter_is_leaving()) gil_.emplace();
    }
    ~InterpreterStay() {
        if (gil_) PyErr_Clear();
    }
    InterpreterStay(const InterpreterStay&) = delete;
    InterpreterStay& operator=(const InterpreterStay&) = delete;
    explicit operator bool() const noexcept { return gil_.has_value(); }

private:
    std::optional<GilTaken> gil_;
};

}  // namespace tracypy::cpython
