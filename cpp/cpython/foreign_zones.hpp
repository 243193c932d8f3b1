// Keys of zones that are not just a code object's: calls of C functions, garbage collections, calls that are shown.
#pragma once

#include "recorder/zone_key.hpp"

namespace tracypy::cpython {

/// Such a zone's key is an address of something else than a code object, with this bit; by hand it means a row.
inline constexpr recorder::ZoneKey kForeign = recorder::kOnRow;

inline recorder::ZoneKey foreign_key(const void* what) noexcept {
    return reinterpret_cast<recorder::ZoneKey>(what) | kForeign;
}

/// Of a call whose result is to be shown: the code object's address with this bit, so that its end takes the slow path.
inline constexpr recorder::ZoneKey kShown = 8;

/// Of a zone that is not opened by hand.
inline bool is_foreign(recorder::ZoneKey key) noexcept {
    return (key & kForeign) != 0;
}

}  // namespace tracypy::cpython
