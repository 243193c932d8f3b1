#include <string_view>

#include "base/clock_choice.hpp"
#include "bindings/bind.hpp"
#include "cpython/guarded_calls.hpp"
#include "cpython/program_source.hpp"

namespace nb = nanobind;

namespace tracypy::bindings {
namespace {

const char* reason_text(base::ClockReason reason) noexcept {
    switch (reason) {
        case base::ClockReason::Usual:
            return "usual";
        case base::ClockReason::Asked:
            return "asked";
        case base::ClockReason::NoCounter:
            return "no counter";
        case base::ClockReason::Unsteady:
            return "unsteady";
        case base::ClockReason::OtherClock:
            return "other clock";
    }
    return "";
}

}  // namespace

void bind_start(nb::module_& module) {
    module.def(
        "ask_before_start",
        [](const nb::callable& callback) {
            if (!cpython::ask_before_start(callback.ptr())) throw nb::python_error();
        },
        nb::arg("callback"),
        nb::sig("def ask_before_start(callback: Callable[[object, object, bool], list[str] | None]) -> None"),
        "Call `callback(path, command, is_exec)` before the program starts another one, or becomes it. It returns the "
        "command "
        "to start instead, or None.");
    module.def(
        "tell_of_starts",
        [](const nb::callable& callback) {
            if (!cpython::tell_of_starts(callback.ptr())) throw nb::python_error();
        },
        nb::arg("callback"), nb::sig("def tell_of_starts(callback: Callable[[object, object], None]) -> None"),
        "Call `callback(path, command)` before the program starts another one, or becomes it.");
    module.def(
        "compile_program",
        [](nb::handle source, const nb::str& file_name) {
            PyObject* const code = cpython::compile_program(source.ptr(), file_name.ptr());
            if (code == nullptr) throw nb::python_error();
            return nb::steal(code);
        },
        nb::arg("source"), nb::arg("file_name"),
        nb::sig("def compile_program(source: bytes | str, file_name: str) -> types.CodeType"),
        "Return the code of a program: as `compile(source, file_name, 'exec', dont_inherit=True)`, in less time.");
    module.def(
        "clock",
        [] {
            const base::ClockChoice choice = base::clock_choice();
            const std::string_view source = base::clock_source();
            return nb::make_tuple(choice.counts, reason_text(choice.reason), nb::str(source.data(), source.size()));
        },
        nb::sig("def clock() -> tuple[bool, str, str]"),
        "Return whether events are stamped with the processor's counter, why, and what the system takes its time "
        "from.");
    module.def(
        "first_activity",
        [](const nb::object& activity) {
            static PyObject* const first = nb::object(activity).release().ptr();  // never given back
            return nb::borrow(first);
        },
        nb::arg("activity"), nb::sig("def first_activity(activity: object) -> typing.Any"),
        "Return the first object that this was ever called with, in any import of the package.");
}

}  // namespace tracypy::bindings
