#include "bindings/bind.hpp"
#include "bindings/native_program.hpp"
#include "cpython/first_use.hpp"
#include "cpython/fork_guard.hpp"
#include "cpython/monitor.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

// os.register_at_fork takes Python callables. The server's thread pauses around a fork: the interpreter warns about a
// fork with threads, and that warning would be our doing.
void bind_fork(nb::module_& module) {
    cpython::install_fork_guard();
    const nb::object before = nb::cpp_function([] {
        const nb::gil_scoped_release release;
        server().pause();
    });
    const nb::object after_in_parent = nb::cpp_function([] {
        const nb::gil_scoped_release release;
        server().resume();
    });
    const nb::object after_in_child = nb::cpp_function([] {
        server().forget_after_fork();
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
