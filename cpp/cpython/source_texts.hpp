// The texts of the program's source files, as Python knows them: from disk, from archives, from linecache.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// Reads an ordinary file without the interpreter; nothing where it cannot.
using ReadFile = std::optional<std::string> (*)(const std::string& path);

/// The text of `file`, as UTF-8, as by tracypy.sources.text_of; nothing where there is none. Takes the interpreter: for
/// a thread of ours that has nothing else to do, since it may have to wait.
///
/// An ordinary file in UTF-8 is found and read without running Python code, in which a collection might begin: the
/// program's finalizers would run on this thread. For the rest, Python code runs, and nothing of that is recorded.
std::optional<std::string> source_text(std::string_view file, ReadFile read) noexcept;

}  // namespace tracypy::cpython
