// sys.monitoring from C++: a claimed tool id and its events. Every call needs the GIL.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cpython/compat.hpp"
#include "cpython/instruments.hpp"

namespace tracypy::cpython {

/// Event sets of sys.monitoring, read from sys.monitoring.events once.
struct EventSets {
    long all = 0;          // the six that begin or end a zone
    long local = 0;        // those of them that can be set on one code object
    long global_only = 0;  // PY_THROW and PY_UNWIND, which cannot (CPython 3.12 to 3.14)
};

/// Of handlers()[handler], in every interpreter.
long event_of(std::size_t handler) noexcept;

/// Those that these instruments want, on top.
long events_of(const Instruments& instruments) noexcept;

/// sys.monitoring, borrowed. Null with a Python error set.
PyObject* monitoring_module() noexcept;

/// Reads the constants; once per process. False with a Python error set.
bool init_monitoring_api();
const EventSets& event_sets() noexcept;

/// A free one that the program will not miss, so that cProfile has its own; else PROFILER_ID, free or not.
int unobtrusive_tool_id() noexcept;

/// Claims `tool` under `name` and registers our handlers, or fails leaving nothing claimed: RuntimeError naming the
/// holder, ValueError for a number that is not a tool id. False with a Python error set.
bool claim_tool(int tool, const char* name) noexcept;
/// Clears events and callbacks and frees the id. Never fails.
void release_tool(int tool) noexcept;

/// Events that were disabled at their place come again; needed when the filter has changed.
void restart_events() noexcept;

/// False with a Python error set.
bool set_events(int tool, long events) noexcept;
bool set_local_events(int tool, PyObject* code, long events) noexcept;

}  // namespace tracypy::cpython
