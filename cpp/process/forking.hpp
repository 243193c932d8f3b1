// A fork, as the interpreter's hooks see it: our threads pause around it, as the interpreter warns about a fork with
// threads, and that warning would be our doing. In the child nothing of ours runs.
//
// All functions are called with the GIL, and wait without it.
#pragma once

namespace tracypy::process {

/// Once: guards locks around forks, and pauses our threads around calls that the system refuses a process with several
/// threads, such as os.unshare(os.CLONE_NEWUSER). False with a Python error set.
bool install_fork_guards();

// What os.register_at_fork calls.
void before_fork();
void after_fork_in_parent();
void after_fork_in_child() noexcept;

/// Our threads start again a moment after a fork. At once, when somebody needs them now.
void resume_now();

}  // namespace tracypy::process
