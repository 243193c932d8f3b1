#include "cpython/profiled_marks.hpp"

#include <new>

namespace tracypy::cpython {
namespace {

bool refers_to(PyObject* reference, PyObject* code) noexcept {
    PyObject* const target = PyObject_CallNoArgs(reference);
    if (target == nullptr) PyErr_Clear();
    Py_XDECREF(target);
    return target == code;
}

}  // namespace

void ProfiledMarks::add(PyObject* code, std::uintptr_t mark) {
    if (kFreeThreaded) return;
    if (entries_.size() >= tidy_at_) remove_dead();
    PyObject* const reference = PyWeakref_NewRef(code, nullptr);
    if (reference == nullptr) {
        PyErr_Clear();
        throw std::bad_alloc();
    }
    Entry& entry = entries_[code];
    Py_XSETREF(entry.reference, reference);
    entry.mark = mark;
}

std::uintptr_t ProfiledMarks::find(PyObject* code) noexcept {
    const auto found = entries_.find(code);
    if (found == entries_.end() || !refers_to(found->second.reference, code)) return 0;
    return found->second.mark;
}

void ProfiledMarks::remove_dead() noexcept {
    for (auto at = entries_.begin(); at != entries_.end();) {
        if (refers_to(at->second.reference, at->first)) {
            ++at;
        } else {
            Py_DECREF(at->second.reference);
            at = entries_.erase(at);
        }
    }
    tidy_at_ = entries_.size() * 2 + 64;
}

}  // namespace tracypy::cpython
