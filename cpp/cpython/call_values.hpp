// What a function is called with, and what it returns, as texts of its zone.
#pragma once

#include <string>
#include <vector>

#include "cpython/compat.hpp"
#include "cpython/instruments.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::cpython {

/// The innermost zone is that of `code`, which the calling thread has just begun to run.
void write_arguments(recorder::ThreadBuffer& buffer, PyObject* code) noexcept;
/// The innermost zone is that of a function that returns `value`, or yields it.
void write_result(recorder::ThreadBuffer& buffer, PyObject* value) noexcept;

/// Of which functions that is wanted: globs over their names, with and without their module.
void set_logged_functions(const SwitchValue& value) noexcept;
/// Whether it is, of a function of that module. Changes with the world stopped. Throws std::bad_alloc.
bool is_logged_function(const std::string& module, PyObject* qualified_name);

}  // namespace tracypy::cpython
