#include "base/glob.hpp"

#include <cstddef>

namespace tracypy::base {
namespace {

/// The set that starts at pattern[0] == '[': whether it holds `letter`, and its length; 0 for one that never closes.
std::size_t match_set(std::string_view pattern, char letter, bool* holds) noexcept {
    const bool negated = pattern.size() > 1 && pattern[1] == '!';
    const std::size_t first = negated ? 2 : 1;
    const std::size_t close = pattern.find(']', first + 1);  // a ']' in first place is a member
    if (close == std::string_view::npos) return 0;
    bool found = false;
    for (std::size_t i = first; i < close; ++i) {
        if (i + 2 < close && pattern[i + 1] == '-') {
            found = found || (pattern[i] <= letter && letter <= pattern[i + 2]);
            i += 2;
        } else {
            found = found || pattern[i] == letter;
        }
    }
    *holds = found != negated;
    return close + 1;
}

/// How much of `pattern` the one `letter` uses up; 0 when it does not match.
std::size_t match_one(std::string_view pattern, char letter) noexcept {
    if (pattern[0] == '?') return 1;
    if (pattern[0] == '[') {
        bool holds = false;
        const std::size_t length = match_set(pattern, letter, &holds);
        if (length != 0) return holds ? length : 0;
    }
    return pattern[0] == letter ? 1 : 0;
}

}  // namespace

// Iterative: remembers the last star only, which is enough, and takes at most pattern * text steps.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept {
    std::size_t at = 0;
    std::size_t in_text = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (in_text < text.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            star = at++;
            star_text = in_text;
            continue;
        }
        const std::size_t used = at < pattern.size() ? match_one(pattern.substr(at), text[in_text]) : 0;
        if (used != 0) {
            at += used;
            ++in_text;
        } else if (star != std::string_view::npos) {
            at = star + 1;
            in_text = ++star_text;
        } else {
            return false;
        }
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

}  // namespace tracypy::base
