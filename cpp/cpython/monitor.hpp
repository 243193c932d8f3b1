// When calls become zones: enable and disable from Python, attach and detach from the driver, @profiled functions.
//
// Monitoring events are set only while somebody listens, so that an enabled program with no viewer runs plain code.
// Threading contract: every function may be called from any thread; all but attach and detach hold the GIL. The state
// is guarded by one control lock, which is only ever waited for without the GIL.
#pragma once

#include <cstdint>

#include "cpython/code_filter.hpp"
#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Prepares handlers, code table and constants; once per process. False with a Python error set.
bool init_monitor();

/// False with a Python error set.
bool enable(int tool, const char* name, const CodeFilter& filter) noexcept;
bool disable() noexcept;
bool is_enabled() noexcept;
/// Marks `code` as a zone whether or not enable() is on. False with a Python error set.
bool profile_code(PyObject* code, PyObject* name, std::uint32_t color) noexcept;

/// Somebody listens from now on; called without the GIL. False when the interpreter is on its way out.
bool attach() noexcept;
/// Nobody listens any more; called without the GIL.
void detach() noexcept;

/// In a forked child, with the GIL: nobody listens here, and all locks and buffers are as new.
void reset_monitor_after_fork() noexcept;

}  // namespace tracypy::cpython
