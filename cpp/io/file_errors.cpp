#include "io/file_errors.hpp"

#include <cerrno>
#include <string_view>

#include "base/error.hpp"

namespace tracypy::io {

std::string text_of(const std::filesystem::path& path) {
#if defined(_WIN32)
    const std::u8string text = path.u8string();
    return {text.begin(), text.end()};
#else
    return path.string();
#endif
}

std::string shell_word(const std::filesystem::path& path) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
    const std::string text = text_of(path);
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
    std::string word = "'";
    for (const char letter : text) {
        if (letter == '\'') {
            word += "'\"'\"'";
        } else {
            word += letter;
        }
    }
    return word + "'";
}

bool is_out_of_room(int code) noexcept {
#if defined(EDQUOT)
    if (code == EDQUOT) return true;
#endif
    return code == ENOSPC || code == EFBIG;
}

void fail(const std::error_code& error, base::ErrorCode code, std::vector<base::Fact> facts) {
    facts.emplace_back(error.message());
    throw base::SystemError(error.default_error_condition().value(), {code, std::move(facts)});
}

}  // namespace tracypy::io
