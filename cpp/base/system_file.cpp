#include "base/system_file.hpp"

#include <cstdio>

namespace tracypy::base {

SystemFile::SystemFile(const char* path) noexcept {
    std::size_t size = 0;
#if defined(__linux__)
    if (std::FILE* const file = std::fopen(path, "re")) {
        size = std::fread(text_.data(), 1, text_.size() - 1, file);
        std::fclose(file);
    }
#else
    (void)path;
#endif
    text_[size] = '\0';
}

std::string_view SystemFile::first_line() const noexcept {
    const std::string_view all(text_.data());
    return all.substr(0, all.find('\n'));
}

}  // namespace tracypy::base
