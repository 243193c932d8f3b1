// Zones of what is no Python function: calls of C functions, garbage collections.
#pragma once

#include "recorder/zone_key.hpp"

namespace tracypy::cpython {

/// Such a zone's key is an address of something else than a code object, with this bit; by hand it means a row.
inline constexpr recorder::ZoneKey kForeign = recorder::kOnRow;

inline recorder::ZoneKey foreign_key(const void* what) noexcept {
    return reinterpret_cast<recorder::ZoneKey>(what) | kForeign;
}

/// Of a zone that is not opened by hand.
inline bool is_foreign(recorder::ZoneKey key) noexcept {
    return (key & kForeign) != 0;
}

}  // namespace tracypy::cpython
