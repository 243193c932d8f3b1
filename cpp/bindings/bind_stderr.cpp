#include <string_view>

#include "bindings/bind.hpp"
#include "bindings/interruption.hpp"
#include "cpython/gil.hpp"
#include "io/standard_error.hpp"
#include "process/messages.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {

void bind_stderr(nb::module_& module) {
    process::begin_messages();
    module.def("has_stderr", &io::has_standard_error,
               "Return whether descriptor 2 is still the file that it was when tracypy was imported.");
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
