// What native code of other libraries calls: the table of tracypy.h, and how it comes to them.
//
// The functions are called on any thread, at any moment from the import to the end of the process, with the GIL or
// without. None of them throws, takes the GIL, or runs Python code.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/string_table.hpp"
#include "cpython/compat.hpp"

#include <tracypy/types.h>

namespace tracypy::cpython::native {

/// Into the rows of the table, each its own.
void add_zones(tracypy_private_api& table) noexcept;
void add_events(tracypy_private_api& table) noexcept;
void add_objects(tracypy_private_api& table) noexcept;

inline std::string_view text_of(const char* text, std::size_t length) noexcept {
    return text == nullptr ? std::string_view() : base::cut_utf8({text, length}, base::StringTable::kMaxStringBytes);
}
inline std::string_view text_of(const char* text) noexcept {
    return text == nullptr ? std::string_view() : text_of(text, std::string_view(text).size());
}

}  // namespace tracypy::cpython::native
