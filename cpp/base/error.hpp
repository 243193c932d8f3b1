// The errors of cold native code: a code with facts. Translated to Python once, in bindings/bind_errors.cpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error_codes.hpp"

namespace tracypy::base {

struct Fact {
    Fact(std::string text) : value(std::move(text)) {}  // NOLINT: facts are written as a list
    Fact(const char* text) : value(std::string(text)) {}
    template <std::integral Number>
    Fact(Number number) : value(static_cast<std::int64_t>(number)) {}

    std::variant<std::int64_t, std::string> value;
};

/// What is wrong, and with what. The facts are in the order of the code's row.
struct Problem {
    ErrorCode code;
    std::vector<Fact> facts;

    /// Calls `take` with each fact's name and value.
    void each_fact(const std::function<void(std::string_view, const Fact&)>& take) const;
    /// The row's words; for what Python words, the code and the facts.
    std::string text() const;
    /// `words` with the facts in place of their names in braces.
    std::string worded(std::string_view words) const;
};

/// A problem with as many facts as the code's row names.
template <ErrorCode Code, typename... Facts>
Problem problem(Facts&&... facts) {
    static_assert(sizeof...(facts) == fact_count(Code));
    return {Code, {Fact(std::forward<Facts>(facts))...}};
}

/// Base of all: becomes RuntimeError.
class Error : public std::runtime_error {
public:
    explicit Error(Problem problem)
        : std::runtime_error(problem.text()), problem_(std::make_shared<const Problem>(std::move(problem))) {}

    const Problem& problem() const noexcept { return *problem_; }

private:
    std::shared_ptr<const Problem> problem_;  // shared: to copy an exception must not fail
};

/// A call of the operating system failed: becomes OSError with this errno.
class SystemError : public Error {
public:
    SystemError(int code, Problem problem) : Error(std::move(problem)), code_(code) {}
    int code() const noexcept { return code_; }

private:
    int code_;
};

/// The caller's value cannot be used: becomes ValueError.
class ValueError : public Error {
public:
    using Error::Error;
};

}  // namespace tracypy::base
