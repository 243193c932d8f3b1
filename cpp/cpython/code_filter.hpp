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

/// What patterns are held against. Empty where it is unknown, or nothing else than the one before it.
struct CodePlace {
    std::string_view compiled_from;  // the file that the code object names
    std::string_view
        loaded_from;  // where its module was found, which is elsewhere if that was moved, or is in an archive
    std::string_view module;
    std::string_view run_as_main;  // the name of the module that `-m` has made __main__
};

/// Immutable once set; compared, so that setting the same filter again costs nothing.
struct CodeFilter {
    struct Patterns {
        std::vector<std::string> paths;
        std::vector<std::string> modules;
        bool empty() const noexcept { return paths.empty() && modules.empty(); }
        bool match(const CodePlace& place) const noexcept;
        friend bool operator==(const Patterns&, const Patterns&) = default;
    };
    static constexpr std::size_t kNoDepth = std::numeric_limits<std::size_t>::max();

    Patterns include;  // empty: everything
    Patterns exclude;  // wins over include
    std::size_t max_depth = kNoDepth;
    bool auto_throttle = false;  // see recorder/auto_throttle.hpp
    bool tasks_as_rows = true;   // see tasks.hpp

    bool admits(const CodePlace& place) const noexcept {
        return !exclude.match(place) && (include.empty() || include.match(place));
    }
    bool admits_all() const noexcept { return include.empty() && exclude.empty(); }
    friend bool operator==(const CodeFilter&, const CodeFilter&) = default;
};

}  // namespace tracypy::cpython
