#include <nanobind/stl/string_view.h>

#include "base/log.hpp"
#include "bindings/bind.hpp"
#include "bindings/interruption.hpp"
#include "cpython/gil.hpp"
#include "io/standard_error.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

void bind_stderr(nb::module_& module) {
    // Where the interpreter has found none at its start, descriptor 2 may be any file of the program's by now.
    const PyObject* const original = PySys_GetObject("__stderr__");  // borrowed
    if (original != nullptr && original != Py_None) io::remember_standard_error();
    base::set_log_writer([](std::string_view line) { io::write_standard_error(line); });

    module.def("has_stderr", &io::has_standard_error,
               "Whether descriptor 2 is still the file that it was when tracypy was imported.");
    module.def(
        "write_stderr",
        [](nb::bytes text) {
            const std::string_view view(text.c_str(), text.size());
            Interruption interruption;
            {
                const cpython::GilReleased released;
                io::write_standard_error(view, [&] { return interruption.look(); });
            }
            interruption.raise_if_come();
        },
        nb::arg("text"), "Write to the process's own stderr, if it is still there; nothing of it is an error.");
}

}  // namespace tracypy::bindings
