#include "cpython/code_filter.hpp"

#include <algorithm>

#include "base/glob.hpp"

namespace tracypy::cpython {
namespace {

bool any_matches(const std::vector<std::string>& patterns, std::string_view text) noexcept {
    return !text.empty() && std::any_of(patterns.begin(), patterns.end(), [text](const std::string& pattern) {
        return base::glob_matches(pattern, text);
    });
}

}  // namespace

bool CodeFilter::Patterns::match(const CodePlace& place) const noexcept {
    return any_matches(paths, place.compiled_from) || any_matches(paths, place.loaded_from) ||
           any_matches(modules, place.module) || any_matches(modules, place.run_as_main);
}

}  // namespace tracypy::cpython
