// The texts of the program's source files, as Python knows them: from disk, from archives, from linecache.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// The text of `file`, as UTF-8, by tracypy.sources.text_of; nothing where there is none. Takes the interpreter: for a
/// thread of ours that has nothing else to do, since it may have to wait, and runs Python code. That is not recorded.
std::optional<std::string> source_text(std::string_view file) noexcept;

}  // namespace tracypy::cpython
