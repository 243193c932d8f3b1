#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <vector>

#include "bindings/bind.hpp"
#include "cpython/code_table.hpp"
#include "cpython/monitor.hpp"
#include "cpython/monitoring_api.hpp"
#include "cpython/zone_arguments.hpp"
#include "recorder/recorder.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

void check(bool good) {
    if (!good) throw nb::python_error();
}

void check_code(nb::handle code) {
    if (PyCode_Check(code.ptr())) return;
    PyErr_Format(PyExc_TypeError, "a code object is needed, not %s", Py_TYPE(code.ptr())->tp_name);
    throw nb::python_error();
}

using Patterns = std::vector<std::string>;

void enable(int tool_id, const char* name, const Patterns& include_paths, const Patterns& include_modules,
            const Patterns& exclude_paths, const Patterns& exclude_modules, std::optional<std::size_t> max_depth,
            bool auto_throttle) {
    cpython::CodeFilter filter;
    filter.include = {include_paths, include_modules};
    filter.exclude = {exclude_paths, exclude_modules};
    filter.max_depth = max_depth.value_or(cpython::CodeFilter::kNoDepth);
    filter.auto_throttle = auto_throttle;
    check(cpython::enable(tool_id, name, filter));
}

void profile_code(nb::handle code, nb::handle name, std::uint32_t color) {
    check_code(code);
    check(name.is_none() || cpython::require_str("profile_code", "name", name.ptr()));
    check(cpython::profile_code(code.ptr(), name.is_none() ? nullptr : name.ptr(), color));
}

}  // namespace

void bind_monitor(nb::module_& module) {
    check(cpython::init_monitor());
    module.def("enable", &enable, "tool_id"_a, "name"_a, nb::kw_only(), "include_paths"_a = Patterns(),
               "include_modules"_a = Patterns(), "exclude_paths"_a = Patterns(), "exclude_modules"_a = Patterns(),
               "max_depth"_a = nb::none(), "auto_throttle"_a = false,
               "Records every call while a viewer is connected.\n\n"
               "Patterns are globs over the path of a file and the name of a module; nothing to include means all,\n"
               "exclusion wins. Zones deeper than `max_depth` on their thread are left out.\n\n"
               "Raises:\n    RuntimeError: Enabled already, or another tool holds the id; the text names it.\n"
               "    ValueError: `tool_id` is not 0 to 5.");
    module.def(
        "disable", [] { check(cpython::disable()); },
        "Stops recording every call and frees the tool id. Does nothing when not enabled.");
    module.def("is_enabled", &cpython::is_enabled, "Whether enable() is on.");
    module.def("unobtrusive_tool_id", &cpython::unobtrusive_tool_id,
               "A tool id for a program that knows nothing of us: a free one that belongs to no kind of tool, so that\n"
               "cProfile has its own; else PROFILER_ID, free or not.");
    module.def(
        "throttled", [] { return recorder::recorder().governor().left_out(); },
        "What auto_throttle has left out, a line each.");
    module.def("profile_code", &profile_code, "code"_a, "name"_a.none(), "color"_a,
               nb::sig("def profile_code(code: types.CodeType, name: str | None, color: int) -> None"),
               "Makes every run of this code object a zone, whether or not enable() is on.");
    module.def("hide_code_under", &cpython::hide_code_under, "prefix"_a,
               "Code in files whose path begins with `prefix` never becomes a zone.");
    module.def(
        "set_program_root",
        [](nb::handle code) {
            check_code(code);
            cpython::set_program_root(code.ptr());
        },
        "code"_a, nb::sig("def set_program_root(code: types.CodeType) -> None"),
        "Frames that run this code object, and all that called them, are not part of the program.");
}

}  // namespace tracypy::bindings
