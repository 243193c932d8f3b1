// What a task is called.
#pragma once

#include <string>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

struct TaskName {
    std::string own;  // the task's; empty where nobody knows
    std::string row;  // for its row: the same, or that of its outermost coroutine, where it has only a number
};

/// Of the task that the calling thread runs, whose outermost coroutine runs in `frame`. Never leaves a Python error
/// set.
TaskName name_of_task(struct _PyInterpreterFrame* frame, PyCodeObject* code) noexcept;

}  // namespace tracypy::cpython
