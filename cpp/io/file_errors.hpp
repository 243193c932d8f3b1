// What goes wrong with files, told alike on every system.
#pragma once

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "base/error.hpp"

namespace tracypy::io {

/// A path as messages show it: UTF-8, also where paths are not made of bytes.
std::string text_of(const std::filesystem::path& path);

/// The same as a shell takes it for one word: for commands that a message tells to type.
std::string shell_word(const std::filesystem::path& path);

/// Of an errno: the disk, a quota or the largest size that a file may have is used up.
bool is_out_of_room(int code) noexcept;

/// Throws base::SystemError with the errno of what std::filesystem reports, which has numbers of its own on Windows.
/// `facts` are those of `code` but the last, the reason.
[[noreturn]] void fail(const std::error_code& error, base::ErrorCode code, std::vector<base::Fact> facts);

}  // namespace tracypy::io
