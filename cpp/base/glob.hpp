// Patterns over names, as users write them.
#pragma once

#include <string_view>

namespace tracypy::base {

/// A glob as in Python's fnmatch, case-sensitive: * any text, ? any character, [abc] [a-z] [!a-z].
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

}  // namespace tracypy::base
