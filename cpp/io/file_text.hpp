// The whole text of an ordinary file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace tracypy::io {

/// Nothing for a file that is longer, is not there, may not be read, or is no ordinary one: reading another one might
/// never end, or change something.
std::optional<std::string> text_of_file(const std::filesystem::path& path, std::uintmax_t most_bytes);

}  // namespace tracypy::io
