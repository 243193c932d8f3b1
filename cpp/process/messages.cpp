#include "process/messages.hpp"

#include <string_view>

#include "base/log.hpp"
#include "cpython/compat.hpp"
#include "io/standard_error.hpp"

namespace tracypy::process {

void begin_messages() noexcept {
    // Where the interpreter has found none at its start, descriptor 2 may be any file of the program's by now.
    const PyObject* const original = PySys_GetObject("__stderr__");  // borrowed
    if (original != nullptr && original != Py_None) io::remember_standard_error();
    base::set_log_writer([](std::string_view line) { io::write_standard_error(line); });
}

}  // namespace tracypy::process
