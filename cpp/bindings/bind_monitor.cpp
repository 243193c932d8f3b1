#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bind.hpp"
#include "cpython/arguments.hpp"
#include "cpython/c_calls.hpp"
#include "cpython/code_table.hpp"
#include "cpython/memory_hooks.hpp"
#include "cpython/monitor.hpp"
#include "cpython/monitoring_api.hpp"
#include "cpython/process_recorder.hpp"

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

cpython::SwitchValue switch_value(nb::handle value) {
    if (nb::isinstance<nb::list>(value)) return {0, nb::cast<Patterns>(value)};
    return {nb::cast<std::int64_t>(value), {}};
}

/// One value for each row; a name that no row has is a KeyError, as is one that is missing.
cpython::Instruments instruments_of(nb::handle switches) {
    if (switches.is_none()) return cpython::Instruments::at_rest();
    const auto given = nb::cast<nb::dict>(switches);
    std::vector<cpython::SwitchValue> values;
    for (const cpython::Instrument& row : cpython::instrument_table()) {
        values.push_back(switch_value(given[row.name]));
        if (row.obstacle == nullptr || !values.back().is_on()) continue;
        PyErr_SetString(PyExc_RuntimeError, row.obstacle);
        throw nb::python_error();
    }
    if (given.size() != values.size()) throw nb::key_error("there are switches that native code does not know");
    return cpython::Instruments(std::move(values));
}

cpython::Settings make_settings(int tool_id, std::string name, const Patterns& include_paths,
                                const Patterns& include_modules, const Patterns& exclude_paths,
                                const Patterns& exclude_modules, std::optional<std::size_t> max_depth,
                                bool auto_throttle, bool tasks_as_rows, nb::handle switches) {
    cpython::CodeFilter filter;
    filter.include = {include_paths, include_modules};
    filter.exclude = {exclude_paths, exclude_modules};
    filter.max_depth = max_depth.value_or(cpython::CodeFilter::kNoDepth);
    filter.auto_throttle = auto_throttle;
    filter.tasks_as_rows = tasks_as_rows;
    return {tool_id, std::move(name), std::move(filter), instruments_of(switches)};
}

bool enable(const cpython::Settings& settings) {
    bool counts_now = false;
    check(cpython::enable(settings, &counts_now));
    return counts_now;
}

/// A block of profile() that has begun.
struct Block {
    cpython::BlockTicket ticket = 0;
    bool has_switched_on = false;
};

Block enter_block(const cpython::Settings& settings) {
    Block block;
    check(cpython::enter_block(settings, &block.ticket, &block.has_switched_on));
    return block;
}

bool hold(const cpython::Settings& settings, bool has_filter) {
    bool held = false;
    check(cpython::hold(settings, has_filter, &held));
    return held;
}

void profile_code(nb::handle code, nb::handle name, std::uint32_t color, bool args, bool result) {
    check_code(code);
    check(name.is_none() || cpython::require_str("profile_code", "name", name.ptr()));
    check(cpython::profile_code(code.ptr(), {name.is_none() ? nullptr : name.ptr(), color, args, result}));
}

}  // namespace

void bind_monitor(nb::module_& module) {
    check(cpython::init_monitor());
    nb::class_<cpython::Settings>(module, "Settings", "What to enable with: the slot, and which calls.")
        .def(
            "__init__",
            [](cpython::Settings* self, int tool_id, std::string name, const Patterns& include_paths,
               const Patterns& include_modules, const Patterns& exclude_paths, const Patterns& exclude_modules,
               std::optional<std::size_t> max_depth, bool auto_throttle, bool tasks_as_rows, nb::handle instruments) {
                new (self) cpython::Settings(make_settings(tool_id, std::move(name), include_paths, include_modules,
                                                           exclude_paths, exclude_modules, max_depth, auto_throttle,
                                                           tasks_as_rows, instruments));
            },
            "tool_id"_a, "name"_a, nb::kw_only(), "include_paths"_a = Patterns(), "include_modules"_a = Patterns(),
            "exclude_paths"_a = Patterns(), "exclude_modules"_a = Patterns(), "max_depth"_a = nb::none(),
            "auto_throttle"_a = false, "tasks_as_rows"_a = true, "instruments"_a = nb::none(),
            nb::sig("def __init__(self, tool_id: int, name: str, *, include_paths: Sequence[str] = [], "
                    "include_modules: Sequence[str] = [], exclude_paths: Sequence[str] = [], exclude_modules: "
                    "Sequence[str] = [], max_depth: int | None = None, auto_throttle: bool = False, "
                    "tasks_as_rows: bool = True, instruments: "
                    "dict[str, int | list[str]] | None = None) -> None"),
            "Patterns are globs over the path of a file and the name of a module; nothing to include means all,\n"
            "exclusion wins. Zones deeper than `max_depth` on their thread are left out. `instruments` are the "
            "switches of\n"
            "tracypy.filters, each with a number or a list of patterns.");
    module.def("enable", &enable, "settings"_a,
               "Record every call while a viewer is connected.\n\n"
               "Return whether that is in force now; else it will be when nobody holds the whole program any more.\n\n"
               "Raises:\n    RuntimeError: Enabled already, or another tool holds the id; the text names it.\n"
               "    ValueError: The tool id is not 0 to 5.");
    cpython::set_own_function_type(Py_TYPE(module.attr("enable").ptr()));
    module.def(
        "disable", [] { check(cpython::disable()); },
        "End what enable() and blocks have begun, and free the tool id. Do nothing when not enabled.");
    nb::class_<Block>(module, "Block", "A block in which calls are recorded.")
        .def_ro("ticket", &Block::ticket, "What leave_block() takes.")
        .def_ro("has_switched_on", &Block::has_switched_on, "Whether it was the first.");
    module.def("enter_block", &enter_block, "settings"_a,
               "Begin a block in which calls are recorded; the first one decides which, others join it.\n\n"
               "Raises:\n    RuntimeError: Another tool holds the id; the text names it.\n"
               "    ValueError: The tool id is not 0 to 5.");
    module.def("leave_block", &cpython::leave_block, "ticket"_a,
               "End a block; the last one switches off. Do nothing when disable() has ended it.");
    module.def(
        "hold", &hold, "settings"_a, "has_filter"_a,
        "Enable for the whole program, whatever that enables and disables itself, until let_go().\n\n"
        "Return False, and do nothing, if it is so already, or enabled by hand.\n\n"
        "Raises:\n    RuntimeError: Another tool holds the id, or there is a filter, and the program has its own.");
    module.def("let_go", &cpython::let_go,
               "End what hold() began. Return whether what the program has enabled itself is in force now.");
    module.def("is_enabled", &cpython::is_enabled, "Return whether enable() is on.");
    module.def(
        "unobtrusive_tool_id", &cpython::unobtrusive_tool_id,
        "Return a tool id for a program that knows nothing of us: a free one that belongs to no kind of tool, so that\n"
        "cProfile has its own; else PROFILER_ID, free or not.");
    module.def(
        "throttled", [] { return cpython::process_recorder().auto_throttle().left_out(); },
        "Return what auto_throttle has left out, a line each.");
    module.def("profile_code", &profile_code, "code"_a, "name"_a.none(), "color"_a, "args"_a, "result"_a,
               nb::sig("def profile_code(code: types.CodeType, name: str | None, color: int, args: bool, result: bool) "
                       "-> None"),
               "Make every run of this code object a zone, whether or not enable() is on; with its arguments and its\n"
               "result, if that is wanted.");
    module.def(
        "set_program_root",
        [](nb::handle code) {
            check_code(code);
            cpython::set_program_root(code.ptr());
        },
        "code"_a, nb::sig("def set_program_root(code: types.CodeType) -> None"),
        "Leave frames that run this code object, and all that called them, out of the program.");
    module.def(
        "set_own_folder", [](const nb::str& folder) { cpython::set_own_folder(folder.ptr()); }, "folder"_a,
        "Say how the names of the files of tracypy's own code begin. The first time counts.");
    module.attr("HAS_MEMORY_HOOKS") = cpython::kHasMemoryHooks;
}

}  // namespace tracypy::bindings
