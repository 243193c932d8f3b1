#include "bindings/bind.hpp"
#include "process/forking.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

// os.register_at_fork takes Python callables.
void bind_fork(nb::module_&) {
    if (!process::install_fork_guards()) throw nb::python_error();
    const nb::module_ os = nb::module_::import_("os");
    if (!nb::hasattr(os, "register_at_fork")) return;  // a system that does not fork
    nb::dict hooks;
    hooks["before"] = nb::cpp_function([] { process::before_fork(); });
    hooks["after_in_parent"] = nb::cpp_function([] { process::after_fork_in_parent(); });
    hooks["after_in_child"] = nb::cpp_function([] { process::after_fork_in_child(); });
    os.attr("register_at_fork")(**hooks);
}

}  // namespace tracypy::bindings
