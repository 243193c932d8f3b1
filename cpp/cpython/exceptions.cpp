#include "cpython/exceptions.hpp"

#include <string>

#include "cpython/code_table.hpp"
#include "cpython/safe_text.hpp"
#include "cpython/thread_state.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

// Further down nobody looks: a recursion that has overflowed is a thousand calls deep.
constexpr int kMostFrames = 64;

/// By which a generator or an iterator says that it is at its end.
bool is_control_flow(PyObject* exception) noexcept {
    for (PyObject* const kind : {PyExc_StopIteration, PyExc_StopAsyncIteration, PyExc_GeneratorExit}) {
        if (PyObject_TypeCheck(exception, reinterpret_cast<PyTypeObject*>(kind))) return true;
    }
    return false;
}

bool is_watched(PyObject* code) noexcept {
    return !known_code(code).has(CodeInfo::Hidden);
}

PyObject* code_of(const PyTracebackObject* entry) noexcept {
    return reinterpret_cast<PyObject*>(PyFrame_GetCode(entry->tb_frame));
}

struct Place {
    std::string function, file;
    int line = 0;
};

Place place_of(PyTracebackObject* entry) {
    auto* const code = reinterpret_cast<PyCodeObject*>(code_of(entry));
    Place place{utf8_of(code->co_qualname), utf8_of(code->co_filename), 0};
    const int line = entry->tb_lineno >= 0 ? entry->tb_lineno : PyCode_Addr2Line(code, entry->tb_lasti);
    place.line = line > 0 ? line : code->co_firstlineno;
    Py_DECREF(code);
    return place;
}

/// Where the exception comes from, or null if a frame inside of this one has told it already: one that is watched, or
/// it could not tell. `head` is this frame's entry of the traceback.
PyTracebackObject* origin(PyTracebackObject* head, bool is_statement) noexcept {
    PyTracebackObject* innermost = head;
    for (int frames = 0; innermost->tb_next != nullptr; ++frames) {
        innermost = innermost->tb_next;
        if (is_statement) return head;  // raised once more, by `raise caught`
        PyObject* const code = code_of(innermost);
        const bool was_told = is_watched(code);
        Py_DECREF(code);
        if (was_told || frames >= kMostFrames) return nullptr;
    }
    return innermost;
}

void write(recorder::ThreadBuffer& buffer, PyObject* exception, PyTracebackObject* entry) {
    const Place place = place_of(entry);
    const std::string text =
        exception_text(exception) + "  [" + place.function + ", " + place.file + ":" + std::to_string(place.line) + "]";
    buffer.write_moment(events::Message{.text = text, .severity = events::Severity::Error});
}

void tell(PyObject* code, PyObject* offset, PyObject* exception) {
    if (!is_code(code) || !PyExceptionInstance_Check(exception) || is_control_flow(exception)) return;
    if (code_info(code).has(CodeInfo::Hidden)) return;
    const Py_ssize_t at = PyLong_AsSsize_t(offset);
    PyErr_Clear();
    recorder::ThreadBuffer* const buffer = ready_buffer();
    PyObject* const traceback = PyException_GetTraceback(exception);
    if (buffer != nullptr && traceback != nullptr) {
        auto* const entry = origin(reinterpret_cast<PyTracebackObject*>(traceback), is_raise_statement_at(code, at));
        if (entry != nullptr) write(*buffer, exception, entry);
    }
    Py_XDECREF(traceback);
}

}  // namespace

PyObject* on_raise(PyObject*, PyObject* const* arguments, std::size_t, PyObject*) noexcept {
    try {
        tell(arguments[0], arguments[1], arguments[2]);
    } catch (...) {
        // Out of memory: an exception less is told.
    }
    PyErr_Clear();
    Py_RETURN_NONE;
}

}  // namespace tracypy::cpython
