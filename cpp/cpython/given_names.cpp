#include "cpython/given_names.hpp"

#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/defined_text.hpp"
#include "cpython/thread_names.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

/// As much as a trace file has room for, with the date behind it.
constexpr std::size_t kMaxProgramName = 900;

bool require_name(const char* function, PyObject* name) {
    if (!require_str(function, "name", name)) return false;
    if (PyUnicode_GET_LENGTH(name) != 0) return true;
    PyErr_Format(PyExc_ValueError, "%s: name must not be empty", function);
    return false;
}

}  // namespace

void define_program_name(std::string_view name) {
    define_text(base::cut_utf8(name, kMaxProgramName),
                [](base::StringId id) { return events::ProgramText{events::ProgramTextKind::Name, id}; });
}

bool set_program_name(PyObject* name) {
    if (!require_name("set_program_name", name)) return false;
    define_program_name(utf8_of(name));
    return true;
}

bool set_thread_name(PyObject* thread, PyObject* name) {
    if (!require_name("set_thread_name", name) || !give_thread_name(thread, name)) return false;
    look_up_name();
    return true;
}

}  // namespace tracypy::cpython
