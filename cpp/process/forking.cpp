#include "process/forking.hpp"

#include <atomic>

#include "cpython/first_use.hpp"
#include "cpython/fork_guard.hpp"
#include "cpython/gil.hpp"
#include "cpython/gpu.hpp"
#include "cpython/guarded_calls.hpp"
#include "cpython/monitor.hpp"
#include "cpython/parameters.hpp"
#include "cpython/thread_names.hpp"
#include "process/parts.hpp"

namespace tracypy::process {
namespace {

// CPython 3.13 counts the process's threads after the hooks in the parent have run, and warns when there are several.
// So our threads start again a moment later, from a pending call of the main thread.
std::atomic<bool> g_resume_is_pending{false};

void resume_at_once() {
    const cpython::GilReleased released;
    resume_parts();
}

int resume_if_pending(void*) {
    if (g_resume_is_pending.exchange(false)) resume_at_once();
    return 0;
}

}  // namespace

bool install_fork_guards() {
    cpython::install_fork_guard();
    return cpython::pause_around_unshare(before_fork, resume_at_once);
}

void before_fork() {
    resume_now();  // of a fork just before
    const cpython::GilReleased released;
    pause_parts();
}

void after_fork_in_parent() {
    g_resume_is_pending = true;
    // Another thread that forks is a second one in any case, and the main thread may wait for it without end.
    const bool on_main_thread = cpython::is_main_thread(PyThread_get_thread_ident());
    if (!on_main_thread || Py_AddPendingCall(resume_if_pending, nullptr) != 0) resume_now();
}

void after_fork_in_child() noexcept {
    g_resume_is_pending = false;
    forget_parts();
    cpython::reset_monitor_after_fork();
    cpython::renew_gpu_locks();
    cpython::renew_parameter_locks();
    cpython::arm_first_use(true);
}

void resume_now() {
    (void)resume_if_pending(nullptr);
}

}  // namespace tracypy::process
