// What sys.monitoring calls in an interpreter that is not the main one. Not as fast as cpython/handlers.cpp: it asks
// for the interpreter's state, and goes through the gate. Switches of instruments, tasks as rows and @profiled do not
// count there.
#pragma once

#include <cstdint>
#include <string>

#include "base/ids.hpp"
#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// What we have of one interpreter. Lives in its module, as long as a handler does.
struct alignas(16) Place {
    PyInterpreterState* interpreter = nullptr;
    PyObject* module = nullptr;        // borrowed: this lies in it
    PyObject* handler_type = nullptr;  // owned
    std::int64_t id = 0;
    std::string name;                                                 // "interpreter 2"
    base::SourceLocationId location = base::SourceLocationId::Other;  // of the zone around its calls
    int tool = -1;                                                    // ours in its sys.monitoring, or -1
    bool is_made = true;
    bool is_known = false;  // to those who decide what is recorded
    bool has_complained = false;
};

/// For the interpreter of the calling thread. False with a Python error set.
bool make_place(Place& place, PyObject* module) noexcept;

// Each holds the interpreter of `place`.

/// False with a Python error set, and nothing is claimed.
bool claim_events(Place& place, int tool) noexcept;
void release_events(Place& place) noexcept;

}  // namespace tracypy::cpython
