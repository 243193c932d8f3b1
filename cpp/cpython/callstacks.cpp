#include "cpython/callstacks.hpp"

#include <algorithm>
#include <array>

#include "base/names.hpp"
#include "cpython/call_walk.hpp"
#include "cpython/code_table.hpp"

namespace tracypy::cpython {
namespace {

constexpr std::size_t kMost = base::CallstackTable::kMostFrames;

}  // namespace

base::CallstackId current_callstack(unsigned depth) noexcept {
    if (depth == 0) return base::CallstackId::None;
    std::array<base::StackFrame, kMost> frames;
    std::size_t count = 0;
    base::CallstackId id = base::CallstackId::None;
    try {
        each_call(thread_state(), [&](PyObject* code, PyFrameObject* frame) {
            if (is_program_root(code)) return false;
            const CodeInfo info = code_info(code, frame);
            if (info.has(CodeInfo::Tracypy)) return true;
            frames[count] = {info.location(), static_cast<std::uint32_t>(std::max(PyFrame_GetLineNumber(frame), 0))};
            return ++count < std::min<std::size_t>(depth, kMost);
        });
        id = base::names().callstacks.intern({frames.data(), count});
    } catch (...) {
        // Out of memory: no call stack.
    }
    if (PyErr_Occurred() != nullptr) PyErr_Clear();
    return id;
}

base::CallstackId callstack_in_allocator(unsigned depth) noexcept try {
    if (depth == 0 || !holds_main_interpreter()) return base::CallstackId::None;
    std::array<base::StackFrame, kMost> frames;
    std::size_t count = 0;
    const std::size_t most = std::min<std::size_t>(depth, kMost);
    for (auto* frame = running_frame(); frame != nullptr && count < most; frame = outer_frame(frame)) {
        PyObject* const code = PyUnstable_InterpreterFrame_GetCode(frame);
        Py_XDECREF(code);  // the frame still owns it
        if (code == nullptr || !is_code(code) || !has_begun(frame, code)) continue;
        if (is_program_root(code)) break;
        if (is_tracypy_in_allocator(code)) continue;
        const int line = PyUnstable_InterpreterFrame_GetLine(frame);
        frames[count++] = {location_in_allocator(code), static_cast<std::uint32_t>(std::max(line, 0))};
    }
    return base::names().callstacks.intern({frames.data(), count});
} catch (...) {
    return base::CallstackId::None;  // out of memory
}

bool parse_callstack(const char* function, PyObject* value, unsigned* depth) noexcept {
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s: callstack must be an int, not %s", function, Py_TYPE(value)->tp_name);
        return false;
    }
    int overflow = 0;
    const long frames = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow != 0 || frames < 0 || static_cast<std::size_t>(frames) > kMost) {
        PyErr_Format(PyExc_ValueError, "%s: callstack must be a number of frames from 0 to %zu, not %R", function,
                     kMost, value);
        return false;
    }
    *depth = static_cast<unsigned>(frames);
    return true;
}

}  // namespace tracypy::cpython
