// Which code the user wants to see: patterns over file paths and module names.
//
// Decided once per code object, natively: a filter written in Python would run inside a handler, where a signal could
// raise out of it. Patterns are globs (* ? [a-z]); a * also matches the separators.
#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace tracypy::cpython {

/// A glob as in Python's fnmatch, case-sensitive: * any text, ? any character, [abc] [a-z] [!a-z].
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

/// Immutable once set; compared, so that setting the same filter again costs nothing.
struct CodeFilter {
    struct Patterns {
        std::vector<std::string> paths;    // over a code object's file
        std::vector<std::string> modules;  // over the __name__ of its globals
        bool empty() const noexcept { return paths.empty() && modules.empty(); }
        bool match(std::string_view file, std::string_view module) const noexcept;
        friend bool operator==(const Patterns&, const Patterns&) = default;
    };
    static constexpr std::size_t kNoDepth = std::numeric_limits<std::size_t>::max();

    Patterns include;  // empty: everything
    Patterns exclude;  // wins over include
    std::size_t max_depth = kNoDepth;
    bool auto_throttle = false;  // see recorder/governor.hpp

    bool admits(std::string_view file, std::string_view module) const noexcept {
        return !exclude.match(file, module) && (include.empty() || include.match(file, module));
    }
    bool admits_all() const noexcept { return include.empty() && exclude.empty(); }
    friend bool operator==(const CodeFilter&, const CodeFilter&) = default;
};

}  // namespace tracypy::cpython
