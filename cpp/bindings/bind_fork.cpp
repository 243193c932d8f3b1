#include <atomic>

#include "bindings/bind.hpp"
#include "bindings/native_program.hpp"
#include "cpython/first_use.hpp"
#include "cpython/fork_guard.hpp"
#include "cpython/gil.hpp"
#include "cpython/guarded_calls.hpp"
#include "cpython/monitor.hpp"
#include "cpython/thread_names.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {
namespace {

// CPython 3.13 counts the process's threads after the hooks in the parent have run, and warns when there are several.
// So our threads start again a moment later, from a pending call of the main thread.
std::atomic<bool> g_resume_is_pending{false};

int resume_now(void*) {
    if (g_resume_is_pending.exchange(false)) {
        const cpython::GilReleased released;
        resume_after_pause();
    }
    return 0;
}

void resume_soon() {
    g_resume_is_pending = true;
    // Another thread that forks is a second one in any case, and the main thread may wait for it without end.
    const bool on_main_thread = cpython::is_main_thread(PyThread_get_thread_ident());
    if (!on_main_thread || Py_AddPendingCall(resume_now, nullptr) != 0) resume_now(nullptr);
}

// Around forks, and calls that the system refuses a process with several threads: os.unshare(os.CLONE_NEWUSER), for
// one.
void pause_now() {
    resume_now(nullptr);  // of a fork just before
    const cpython::GilReleased released;
    pause_for_fork();
}

void resume_at_once() {
    const cpython::GilReleased released;
    resume_after_pause();
}

}  // namespace

void resume_after_fork() {
    resume_now(nullptr);
}

// os.register_at_fork takes Python callables. Our threads pause around a fork: the interpreter warns about a fork with
// threads, and that warning would be our doing.
void bind_fork(nb::module_& module) {
    cpython::install_fork_guard();
    if (!cpython::pause_around_unshare(pause_now, resume_at_once)) throw nb::python_error();
    const nb::object before = nb::cpp_function([] { pause_now(); });
    const nb::object after_in_parent = nb::cpp_function([] { resume_soon(); });
    const nb::object after_in_child = nb::cpp_function([] {
        g_resume_is_pending = false;
        forget_after_fork();
        cpython::reset_monitor_after_fork();
        cpython::arm_first_use(true);
    });
    const nb::object hooks = nb::module_::import_("os").attr("register_at_fork");
    nb::dict arguments;
    arguments["before"] = before;
    arguments["after_in_parent"] = after_in_parent;
    arguments["after_in_child"] = after_in_child;
    hooks(**arguments);
    (void)module;
}

}  // namespace tracypy::bindings
