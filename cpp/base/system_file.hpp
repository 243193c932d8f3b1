// What the system says in a small file of its own, in /proc or /sys. Not by a stream of the standard library's, which
// brings all its locales into the extension. No memory is asked for.
#pragma once

#include <array>
#include <string_view>

namespace tracypy::base {

class SystemFile {
public:
    /// Of a file that is longer, the beginning; of one that cannot be read, and elsewhere than on Linux, nothing.
    explicit SystemFile(const char* path) noexcept;

    /// Ends with a zero.
    const char* text() const noexcept { return text_.data(); }
    std::string_view first_line() const noexcept;

private:
    std::array<char, 1024> text_;
};

}  // namespace tracypy::base
