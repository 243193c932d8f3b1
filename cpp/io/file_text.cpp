#include "io/file_text.hpp"

#include <system_error>

#include "base/error.hpp"
#include "io/file_stream.hpp"

namespace tracypy::io {

namespace fs = std::filesystem;

std::optional<std::string> text_of_file(const fs::path& path, std::uintmax_t most_bytes) {
    try {
        std::error_code failed;
        if (!fs::is_regular_file(path, failed) || fs::file_size(path, failed) > most_bytes || failed) {
            return std::nullopt;
        }
        FileSource file(path);
        std::string text(static_cast<std::size_t>(file.size()), '\0');
        text.resize(file.read(text.data(), text.size()));
        return text;
    } catch (const base::Error&) {
        return std::nullopt;  // it may be gone, or not be ours to read
    } catch (const fs::filesystem_error&) {
        return std::nullopt;  // a name that no file can have
    }
}

}  // namespace tracypy::io
