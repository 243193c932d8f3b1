// A lock of the program's, as the trace is told of it: where it was made, who waits for it and has it.
#pragma once

#include "base/clock.hpp"
#include "cpython/compat.hpp"
#include "recorder/lock_record.hpp"

namespace tracypy::cpython {

/// Part of a Python object, so made by start() and ended by stop(). Guarded by the GIL, or by ObjectLock of that
/// object. Nothing is looked up until a session begins.
class ToldLock {
public:
    /// Made here, by the code that runs now; `name` may be null, `word` is what such a lock is called then.
    void start(const char* word, PyObject* name, bool is_shared) noexcept;
    void stop() noexcept;

    // Each does nothing without a buffer: there is no session.
    void wait(recorder::ThreadBuffer* thread) noexcept;
    void obtain(recorder::ThreadBuffer* thread) noexcept;
    void release(recorder::ThreadBuffer* thread) noexcept;
    /// It has waited, and does not get the lock.
    void give_up(recorder::ThreadBuffer* thread) noexcept;

private:
    recorder::LockRecord* record();
    std::string label() const;

    const char* word_;
    PyObject* name_;  // null: it has none of its own
    PyObject* code_;  // null: no Python code has made it
    int line_;
    bool is_shared_;
    bool is_left_out_;
    base::Ticks made_;
    recorder::LockRecord* record_;  // null: not needed so far
};

}  // namespace tracypy::cpython
