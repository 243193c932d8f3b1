// The callables that sys.monitoring calls: the hot path of the whole product, and those of instruments.
//
// Each is one object of a C type with a vectorcall slot: no argument tuple, no method lookup. A handler takes no
// lock, allocates nothing and makes no system call; it cannot raise. What it costs is in docs/performance.md.
#pragma once

#include <array>
#include <optional>

#include "cpython/compat.hpp"
#include "cpython/instruments.hpp"

namespace tracypy::cpython {

struct Handler {
    const char* event;                 // its name in sys.monitoring.events
    PyObject* callable;                // immortal for our purposes: owned by this table for the life of the process
    std::optional<Switch> instrument;  // which wants the event; none: it begins or ends the zone of a call
};

inline constexpr std::size_t kHandlerCount = 10;

/// Makes the type and the objects; once per process. False with a Python error set.
bool init_handlers();
const std::array<Handler, kHandlerCount>& handlers() noexcept;

/// sys.monitoring.DISABLE, borrowed.
PyObject* disable_constant() noexcept;

/// Are all calls recorded (enable()), or only those of functions marked by @profiled? With the world stopped.
void set_record_all(bool on) noexcept;

}  // namespace tracypy::cpython
