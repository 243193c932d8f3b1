// Waiting for a trace that is made by another thread: without the GIL, with a look at Python now and then.
#pragma once

#include <nanobind/nanobind.h>

#include <exception>
#include <optional>
#include <utility>

#include "bindings/interruption.hpp"
#include "drivers/making_progress.hpp"

namespace tracypy::bindings {

/// False: Python's function has raised.
inline bool show_progress(const nanobind::object& progress, const drivers::MakingProgress& made) noexcept {
    if (progress.is_none()) return true;
    PyObject* const result = PyObject_CallFunction(progress.ptr(), "KK", static_cast<unsigned long long>(made.done),
                                                   static_cast<unsigned long long>(made.total));
    Py_XDECREF(result);
    return result != nullptr;
}

/// `make` waits, and gets what it has to ask meanwhile. What it throws, although the caller was interrupted, is the
/// less important.
template <typename Make>
auto wait_for(const nanobind::object& progress, const Make& make) {
    using Result = decltype(make(drivers::KeepWaiting()));
    Interruption interruption;
    std::optional<Result> result;
    std::exception_ptr problem;
    try {
        result = make([&](const drivers::MakingProgress& made) {
            return interruption.look([&] { return show_progress(progress, made); });
        });
    } catch (...) {
        problem = std::current_exception();
    }
    interruption.raise_if_come();
    if (problem) std::rethrow_exception(problem);
    return *std::move(result);
}

}  // namespace tracypy::bindings
