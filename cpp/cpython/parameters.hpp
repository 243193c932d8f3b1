// Parameters from Python: what a viewer sets, and how the program learns of it.
//
// A callback runs on the main thread, between two of its instructions, as a handler of a signal does.
#pragma once

#include <cstdint>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// parameter() and its type. False with an exception set.
bool add_parameters_to(PyObject* module) noexcept;

/// A viewer has set it. Any thread, without the interpreter.
void set_parameter(std::uint32_t index, std::int32_t value) noexcept;
/// Has the main thread call the callbacks that are due, if the interpreter had no place for that before. The same.
void call_back_soon() noexcept;
/// In a forked child: what was on its way to the main thread may be lost.
void forget_calls_back() noexcept;
/// In a forked child: what threads share that it does not have.
void renew_parameter_locks() noexcept;

}  // namespace tracypy::cpython
