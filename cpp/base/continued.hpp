// How the parts of one zone are told from zones of their own.
//
// A zone that a program opened by hand may outlast the call in which it was opened, or overlap another one. Then it
// goes on, on its row, as another zone. That has the same name, file, line and colour, and a function that says so.
#pragma once

#include <string_view>

#include "base/ids.hpp"

namespace tracypy::base {

struct Names;

inline constexpr std::string_view kContinued = " (continued)";

/// True if the function is a part, which is not a zone of its own.
constexpr bool is_continued(std::string_view function) noexcept {
    return function.ends_with(kContinued);
}

/// Where the next part of a zone at `location` belongs. `location` itself where it is one already, or without memory.
SourceLocationId continued(Names& names, SourceLocationId location) noexcept;

}  // namespace tracypy::base
