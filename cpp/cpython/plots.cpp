#include "cpython/plots.hpp"

#include <array>
#include <cmath>
#include <limits>

#include "cpython/arguments.hpp"
#include "cpython/first_use.hpp"
#include "cpython/name_cache.hpp"
#include "cpython/thread_state.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

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

PyMethodDef g_functions[] = {
    {"plot", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_plot)), METH_FASTCALL | METH_KEYWORDS,
     "plot($module, name, value)\n--\n\n"
     "Add a point to the curve `name`, at this moment. Does nothing while nobody listens.\n\n"
     "Args:\n"
     "    name: Of the curve. The 4,097th name and all after it are one curve, \"other plots\".\n"
     "    value: An int or a float, or what converts to one. A viewer keeps it as a 64-bit float. NaN and infinities\n"
     "        have no place in a curve: they are left out, and counted in the trace.\n\n"
     "Raises:\n"
     "    TypeError: The name is not a str, or the value is not a number."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool add_plots_to(PyObject* module) noexcept {
    return PyModule_AddFunctions(module, g_functions) == 0;
}

}  // namespace tracypy::cpython
