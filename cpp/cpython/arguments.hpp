// What may be passed to the native functions, and the errors for what may not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// 0xRRGGBB from an int, or by the resolver from anything else (colour names). False with TypeError or ValueError set.
bool parse_color(PyObject* value, std::uint32_t* rgb) noexcept;
/// tracypy.colors.parse_color, for what is not an int.
void set_color_resolver(PyObject* callable) noexcept;

/// The parameters of a METH_FASTCALL | METH_KEYWORDS function. The first ones are required and may be given by
/// position; so may the optional ones that follow them; the others go by keyword.
struct Parameters {
    const char* function;
    std::span<const char* const> names;
    std::size_t positional = 1;
    std::size_t optional_positional = 0;
};
/// Puts each argument in the place of its parameter; what is not given stays null. False with TypeError set.
bool sort_arguments(const Parameters& parameters, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords,
                    std::span<PyObject*> values) noexcept;

/// True when `value` is a str; else TypeError: "FUNCTION: WHAT must be a str, not int".
bool require_str(const char* function, const char* what, PyObject* value) noexcept;

}  // namespace tracypy::cpython
