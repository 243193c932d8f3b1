// Keys of the zones of calls: the code object's address, marked where the result is to be shown.
#pragma once

#include "cpython/code_table.hpp"
#include "cpython/foreign_zones.hpp"
#include "recorder/thread_buffer.hpp"

namespace tracypy::cpython {

inline recorder::ZoneKey key_of(PyObject* code) noexcept {
    return reinterpret_cast<recorder::ZoneKey>(code);
}

/// Of the zone that `code` has, or gets.
inline recorder::ZoneKey key_of(PyObject* code, CodeInfo info) noexcept {
    return info.has(CodeInfo::Result) ? key_of(code) | kShown : key_of(code);
}

/// Of its innermost zone that is open: what is to be shown may have changed since that began.
inline recorder::ZoneKey key_of_open(const recorder::ThreadBuffer& buffer, PyObject* code) noexcept {
    const recorder::ZoneKey plain = key_of(code);
    if (buffer.depth() != 0 && buffer.is_innermost(plain)) return plain;
    const recorder::ZoneKey shown = plain | kShown;
    return buffer.is_open(shown) ? shown : plain;
}

}  // namespace tracypy::cpython
