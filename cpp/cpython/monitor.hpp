// When calls become zones: enable and disable from Python, attach and detach from the driver, @profiled functions.
//
// Monitoring events are set only during a session, so that an enabled program with no viewer runs plain code.
// Threading contract: every function may be called from any thread; all but attach and detach hold the GIL. The state
// is guarded by one control lock, which is only ever waited for without the GIL.
#pragma once

#include <cstdint>

#include "cpython/code_table.hpp"
#include "cpython/compat.hpp"
#include "cpython/holders.hpp"

namespace tracypy::cpython {

/// Prepares handlers, code table and constants; once per process. False with a Python error set.
bool init_monitor();

// Each is without effect when the interpreter is on its way out; see ControlLock.

/// enable() by hand. `counts_now` becomes whether it is in force; else somebody holds the whole program, and it counts
/// from when that is over. False with a Python error set.
bool enable(const Settings& settings, bool* counts_now) noexcept;
/// What enable() or blocks have begun. False with a Python error set.
bool disable() noexcept;
/// A block of profile() begins. `switched_on` becomes whether it was the first. False with a Python error set.
bool enter_block(const Settings& settings, BlockTicket* ticket, bool* switched_on) noexcept;
void leave_block(BlockTicket ticket) noexcept;
/// For the whole program, or a recording. `held` becomes whether let_go() has to follow: not if it is enabled by hand,
/// and what it is enabled for will do. False with a Python error set.
bool hold(const Settings& settings, bool has_filter, bool* held) noexcept;
/// Returns whether what the program itself has enabled is in force now.
bool let_go() noexcept;
bool is_enabled() noexcept;
/// Marks `code` as a zone whether or not enable() is on. False with a Python error set.
bool profile_code(PyObject* code, const ProfiledAs& as) noexcept;

/// A session begins; called without the GIL. False when the interpreter is on its way out.
bool attach() noexcept;
/// The last listener has gone; called without the GIL.
void detach() noexcept;

/// In a forked child, with the GIL: there is no session here, and all locks and buffers are as new.
void reset_monitor_after_fork() noexcept;

}  // namespace tracypy::cpython
