#include "cpython/told_lock.hpp"

#include <array>
#include <string>

#include "base/names.hpp"
#include "cpython/code_table.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {
namespace {

/// They make locks for others: of whom they are is what matters.
constexpr std::array kMakersForOthers{"threading", "queue", "asyncio.locks", "tracypy.locks", "tracypy.aio"};

/// Of the frame's module.
bool makes_for_others(PyFrameObject* frame) noexcept {
    PyObject* const globals = PyFrame_GetGlobals(frame);
    PyObject* const name = PyDict_Check(globals) ? PyDict_GetItemString(globals, "__name__") : nullptr;
    bool found = false;
    for (const char* const maker : kMakersForOthers) {
        found =
            found || (name != nullptr && PyUnicode_Check(name) && PyUnicode_CompareWithASCIIString(name, maker) == 0);
    }
    Py_DECREF(globals);
    return found;
}

/// The outermost one if all of them make locks for others. A new reference; null without any.
PyFrameObject* making_frame() noexcept {
    auto* frame = reinterpret_cast<PyFrameObject*>(Py_XNewRef(reinterpret_cast<PyObject*>(PyEval_GetFrame())));
    while (frame != nullptr && makes_for_others(frame)) {
        PyFrameObject* const caller = PyFrame_GetBack(frame);
        if (caller == nullptr) break;
        Py_SETREF(frame, caller);
    }
    return frame;
}

}  // namespace

void ToldLock::start(const char* word, PyObject* name, bool is_shared) noexcept {
    word_ = word;
    name_ = Py_XNewRef(name);
    is_shared_ = is_shared;
    is_left_out_ = false;
    made_ = base::now_ticks();
    record_ = nullptr;
    code_ = nullptr;
    line_ = 0;
    PyFrameObject* const frame = making_frame();
    if (frame == nullptr) return;
    code_ = reinterpret_cast<PyObject*>(PyFrame_GetCode(frame));
    line_ = PyFrame_GetLineNumber(frame);
    Py_DECREF(frame);
}

void ToldLock::stop() noexcept {
    if (record_ != nullptr) process_recorder().locks().give_back(record_);
    record_ = nullptr;
    Py_CLEAR(name_);
    Py_CLEAR(code_);
}

std::string ToldLock::label() const {
    if (name_ != nullptr) return utf8_of(name_);
    if (code_ == nullptr) return word_;
    return std::string(word_) + " of " + utf8_of(reinterpret_cast<PyCodeObject*>(code_)->co_qualname);
}

recorder::LockRecord* ToldLock::record() {
    if (record_ != nullptr || is_left_out_) return record_;
    const std::string text = label();
    const std::string file = code_ != nullptr ? utf8_of(reinterpret_cast<PyCodeObject*>(code_)->co_filename) : "";
    // Viewers show a lock by the function of its location.
    const base::SourceLocationId place = base::names().locate(
        {.function = text, .file = file, .line = static_cast<std::uint32_t>(line_ > 0 ? line_ : 0)});
    record_ = process_recorder().locks().take(place, is_shared_, made_);
    is_left_out_ = record_ == nullptr;
    return record_;
}

void ToldLock::wait(recorder::ThreadBuffer* thread) noexcept try {
    if (thread != nullptr && record() != nullptr) record_->wait(*thread);
} catch (...) {
    // Out of memory: not told.
}

void ToldLock::obtain(recorder::ThreadBuffer* thread) noexcept try {
    if (thread != nullptr && record() != nullptr) record_->obtain(*thread);
} catch (...) {
    // Likewise.
}

void ToldLock::release(recorder::ThreadBuffer* thread) noexcept try {
    if (thread != nullptr && record_ != nullptr) record_->release(*thread);
} catch (...) {
    // Likewise.
}

// The protocol has no word for it: without this one would read that the thread waits for good.
void ToldLock::give_up(recorder::ThreadBuffer* thread) noexcept try {
    if (thread == nullptr) return;
    const std::string text = "gave up waiting for the lock: " + label();
    thread->write_moment(events::Message{.text = text, .severity = events::Severity::Warning});
} catch (...) {
    // Likewise.
}

}  // namespace tracypy::cpython
