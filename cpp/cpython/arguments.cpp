#include "cpython/arguments.hpp"

#include <string_view>

namespace tracypy::cpython {
namespace {

PyObject* g_color_resolver = nullptr;

bool color_from_int(PyObject* value, std::uint32_t* rgb) noexcept {
    int overflow = 0;
    const long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow != 0 || number < 0 || number > 0xFFFFFF) {
        PyErr_Format(PyExc_ValueError, "color must be 0xRRGGBB (0 to 0xFFFFFF), not %S", value);
        return false;
    }
    *rgb = static_cast<std::uint32_t>(number);
    return true;
}

bool refuse_positional(const Parameters& parameters) noexcept {
    const std::size_t positional = parameters.positional + parameters.optional_positional;
    if (positional == 1) {
        PyErr_Format(PyExc_TypeError, "%s() takes one positional argument, the %s; give the others by keyword",
                     parameters.function, parameters.names[0]);
    } else {
        PyErr_Format(PyExc_TypeError, "%s() takes %zu positional arguments; give the others by keyword",
                     parameters.function, positional);
    }
    return false;
}

}  // namespace

void set_color_resolver(PyObject* callable) noexcept {
    Py_XSETREF(g_color_resolver, Py_NewRef(callable));
}

bool parse_color(PyObject* value, std::uint32_t* rgb) noexcept {
    if (value == Py_None) {
        *rgb = 0;
        return true;
    }
    if (PyLong_Check(value) && !PyBool_Check(value)) return color_from_int(value, rgb);
    if (g_color_resolver == nullptr) {
        PyErr_Format(PyExc_TypeError, "color must be an int 0xRRGGBB, not %s", Py_TYPE(value)->tp_name);
        return false;
    }
    PyObject* resolved = nullptr;
    wait_out_the_end([&] { resolved = PyObject_CallOneArg(g_color_resolver, value); });
    if (resolved == nullptr) return false;
    bool good = PyLong_Check(resolved);
    if (good) {
        good = color_from_int(resolved, rgb);
    } else {
        PyErr_SetString(PyExc_TypeError, "the colour resolver must return an int");
    }
    Py_DECREF(resolved);
    return good;
}

bool require_str(const char* function, const char* what, PyObject* value) noexcept {
    if (PyUnicode_Check(value)) return true;
    PyErr_Format(PyExc_TypeError, "%s: %s must be a str, not %s", function, what, Py_TYPE(value)->tp_name);
    return false;
}

bool sort_arguments(const Parameters& parameters, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords,
                    std::span<PyObject*> values) noexcept {
    const char* const function = parameters.function;
    const auto given = static_cast<std::size_t>(count);
    if (given > parameters.positional + parameters.optional_positional) return refuse_positional(parameters);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = i < given ? arguments[i] : nullptr;
    const Py_ssize_t keyword_count = keywords != nullptr ? PyTuple_GET_SIZE(keywords) : 0;
    for (Py_ssize_t i = 0; i < keyword_count; ++i) {
        PyObject* const keyword = PyTuple_GET_ITEM(keywords, i);
        std::size_t at = 0;
        while (at < values.size() && PyUnicode_CompareWithASCIIString(keyword, parameters.names[at]) != 0) ++at;
        if (at == values.size() || values[at] != nullptr) {
            PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument %R", function, keyword);
            return false;
        }
        values[at] = arguments[count + i];
    }
    for (std::size_t i = 0; i < parameters.positional; ++i) {
        if (values[i] != nullptr) continue;
        const char* const name = parameters.names[i];
        const bool is_vowel = std::string_view("aeiou").find(name[0]) != std::string_view::npos;
        PyErr_Format(PyExc_TypeError, "%s() needs %s %s", function, is_vowel ? "an" : "a", name);
        return false;
    }
    return true;
}

}  // namespace tracypy::cpython
