// What may be passed to tracypy.zone and to a zone's methods, and the errors for what may not.
#pragma once

#include <cstdint>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// 0xRRGGBB from an int, or by the resolver from anything else (colour names). False with TypeError or ValueError set.
bool parse_color(PyObject* value, std::uint32_t* rgb) noexcept;
/// tracypy.colors.parse_color, for what is not an int.
void set_color_resolver(PyObject* callable) noexcept;

struct ZoneArguments {
    PyObject* name = nullptr;  // borrowed; a str
    std::uint32_t color = 0;
};
/// zone(name, *, color=0). False with TypeError or ValueError set.
bool parse_zone_arguments(const char* function, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords,
                          ZoneArguments* out) noexcept;

/// True when `value` is a str; else TypeError: "FUNCTION: WHAT must be a str, not int".
bool require_str(const char* function, const char* what, PyObject* value) noexcept;

}  // namespace tracypy::cpython
