#include "bindings/bind.hpp"
#include "cpython/guarded_calls.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

void bind_start(nb::module_& module) {
    module.def(
        "ask_before_start",
        [](const nb::callable& callback) {
            if (!cpython::ask_before_start(callback.ptr())) throw nb::python_error();
        },
        nb::arg("callback"),
        nb::sig("def ask_before_start(callback: Callable[[object, object], list[str] | None]) -> None"),
        "Call `callback(path, command)` before the program starts another one, or becomes it. It returns the command "
        "to start instead, or None.");
}

}  // namespace tracypy::bindings
