// Where a zone that is made at some instruction will end, as far as the code tells.
#pragma once

#include <cstdint>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

enum class ZoneManner : std::uint8_t {
    Nested,    // a with statement's, in whose block nothing can leave the function and come back: as a call
    Outlasts,  // perhaps longer than the call in which it begins
    OnRow,     // of an async generator: other code may run meanwhile on its thread
    InTask,    // of a coroutine: the same, but on a fiber, which waits with its zones
};

/// Of a zone that is made by the call at byte `instruction` of `code`.
ZoneManner zone_manner(PyCodeObject* code, int instruction) noexcept;

/// Code that waits while other code runs on its thread.
inline bool is_coroutine_code(const PyCodeObject* code) noexcept {
    return (code->co_flags & (CO_COROUTINE | CO_ASYNC_GENERATOR | CO_ITERABLE_COROUTINE)) != 0;
}

}  // namespace tracypy::cpython
