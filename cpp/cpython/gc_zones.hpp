// Garbage collections as zones.
#pragma once

#include "cpython/instruments.hpp"

namespace tracypy::cpython {

/// At import. False with a Python error set.
bool init_gc_zones();
/// Puts our callback into gc.callbacks, the one way to learn of them, or takes it out. Holds the GIL.
void set_gc_zones(const SwitchValue& value) noexcept;

}  // namespace tracypy::cpython
