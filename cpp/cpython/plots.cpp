#include "cpython/plots.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "base/string_table.hpp"
#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/name_cache.hpp"
#include "cpython/thread_state.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

/// As viewers number them. The last one, watt, is only what they make of power that they measure: no program sends it.
constexpr std::array kFormats{"number", "memory", "percentage"};

/// Infinite for an int that no float holds. False with an exception set.
bool parse_number(PyObject* value, double* number) noexcept {
    *number = PyFloat_AsDouble(value);
    if (*number != -1.0 || PyErr_Occurred() == nullptr) return true;
    if (PyErr_ExceptionMatches(PyExc_OverflowError) && PyLong_Check(value)) {
        PyErr_Clear();
        *number = std::numeric_limits<double>::infinity();
        return true;
    }
    const bool is_number = PyNumber_Check(value) != 0;  // else what it raised is its own
    if (PyErr_ExceptionMatches(PyExc_TypeError) && !is_number) {
        PyErr_Format(PyExc_TypeError, "plot(): value must be a number, not %s", Py_TYPE(value)->tp_name);
    }
    return false;
}

void write(PyObject* name, double value) {
    recorder::ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return;
    if (!std::isfinite(value)) return process_recorder().policy().count(recorder::Lost::NotFinite);
    static NameCache plots(base::names().plots);
    buffer->write_shared(events::PlotPoint{.plot = plots.find(name), .value = value});
}

PyObject* function_plot(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"name", "value"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"plot", kNames, kNames.size()}, arguments, count, keywords, values)) return nullptr;
    const auto [name, value] = values;
    double number = 0;
    if (!require_str("plot()", "name", name) || !parse_number(value, &number)) return nullptr;
    note_use();
    try {
        write(name, number);
    } catch (...) {
        return PyErr_NoMemory();
    }
    Py_RETURN_NONE;
}

/// None with TypeError or ValueError set.
std::optional<events::PlotFormat> parse_format(PyObject* value) noexcept {
    if (!require_str("plot_config()", "format", value)) return std::nullopt;
    for (std::size_t i = 0; i < kFormats.size(); ++i) {
        if (PyUnicode_CompareWithASCIIString(value, kFormats[i]) == 0) return static_cast<events::PlotFormat>(i);
    }
    PyErr_Format(PyExc_ValueError, "plot_config(): format must be \"number\", \"memory\" or \"percentage\", not %R",
                 value);
    return std::nullopt;
}

/// What is not given stays as it is.
bool parse_switch(const char* what, PyObject* value, bool* is_on) noexcept {
    if (value == nullptr) return true;
    *is_on = value == Py_True;
    if (PyBool_Check(value)) return true;
    PyErr_Format(PyExc_TypeError, "plot_config(): %s must be a bool, not %s", what, Py_TYPE(value)->tp_name);
    return false;
}

PyObject* function_plot_config(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"name", "format", "step", "fill", "color"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"plot_config", kNames}, arguments, count, keywords, values)) return nullptr;
    const auto [name, format, step, fill, color] = values;
    if (!require_str("plot_config()", "name", name)) return nullptr;
    const auto kind = format != nullptr ? parse_format(format) : events::PlotFormat::Number;
    if (!kind) return nullptr;
    events::PlotStyle style{.format = *kind, .is_filled = true};
    if (!parse_switch("step", step, &style.shows_steps) || !parse_switch("fill", fill, &style.is_filled)) {
        return nullptr;
    }
    if (color != nullptr && !parse_color(color, &style.color)) return nullptr;
    try {
        define_plot(utf8_of(name), style);
    } catch (...) {
        return PyErr_NoMemory();
    }
    note_use();
    Py_RETURN_NONE;
}

PyMethodDef g_functions[] = {
    {"plot", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_plot)), METH_FASTCALL | METH_KEYWORDS,
     "plot($module, name, value)\n--\n\n"
     "Add a point to the curve `name`, at this moment.\n\n"
     "Does nothing unless a viewer is connected or a recording runs.\n\n"
     "Args:\n"
     "    name: Of the curve. The 4,097th name and all after it are one curve, \"other plots\".\n"
     "    value: An int or a float, or what converts to one. A viewer keeps it as a 64-bit float. NaN and infinities\n"
     "        have no place in a curve: they are left out, and counted in the trace.\n\n"
     "Raises:\n"
     "    TypeError: The name is not a str, or the value is not a number."},
    {"plot_config", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_plot_config)),
     METH_FASTCALL | METH_KEYWORDS,
     "plot_config($module, name, *, format=\"number\", step=False, fill=True, color=None)\n--\n\n"
     "Say how the curve `name` is drawn, once for all: to viewers and recordings that come later, too.\n\n"
     "What was said before of the same curve counts no more.\n\n"
     "Args:\n"
     "    name: Of the curve, which need not have a point yet.\n"
     "    format: How its values are written: \"number\", \"memory\" (bytes) or \"percentage\".\n"
     "    step: Whether a value holds until the next one; else points are joined by straight lines.\n"
     "    fill: Whether what is below the curve is filled.\n"
     "    color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.\n\n"
     "Raises:\n"
     "    TypeError: The name or the format is not a str, or a switch is not a bool.\n"
     "    ValueError: There is no such format or colour."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void define_plot(std::string_view name, events::PlotStyle style) {
    style.plot = base::names().plots.intern(name);
    // Behind the bounds it is a curve that many names share, whose style is none of theirs.
    const base::StringId own = base::names().strings.known(base::cut_utf8(name, base::StringTable::kMaxStringBytes));
    if (style.plot != own) return process_recorder().definitions().leave_out(events::PlotStyle::kKind);
    process_recorder().define(style);
}

bool add_plots_to(PyObject* module) noexcept {
    return PyModule_AddFunctions(module, g_functions) == 0;
}

}  // namespace tracypy::cpython
