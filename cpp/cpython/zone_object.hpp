// tracypy.zone("name"): a zone that the program opens by hand.
#pragma once

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Adds `Zone`, `zone`, `zone_begin` and `zone_end` to the module. False with a Python error set.
bool add_zones_to(PyObject* module) noexcept;

}  // namespace tracypy::cpython
