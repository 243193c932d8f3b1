// The least of a test framework: TEST registers, CHECK counts and reports, REQUIRE also leaves the test.
//
// A failed comparison shows both operands. Of a condition made of several, those of the first comparison are shown:
//
//     session_tests.cpp:12: failed: zones.size() == 3
//         2 == 3
#pragma once

#include <concepts>
#include <cstdio>
#include <functional>
#include <ranges>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace tracypy::native_tests {

struct Test {
    const char* name;
    std::function<void()> run;
};

inline std::vector<Test>& tests() {
    static std::vector<Test> list;
    return list;
}

inline int& failures() {
    static int count = 0;
    return count;
}

inline bool register_test(const char* name, std::function<void()> run) {
    tests().push_back({name, std::move(run)});
    return true;
}

inline void report(const char* file, int line, const char* what, const std::string& operands) {
    ++failures();
    std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    if (!operands.empty()) std::fprintf(stderr, "    %s\n", operands.c_str());
}

/// What a reader of a failure sees of a value.
template <typename T>
std::string show(const T& value) {
    std::ostringstream text;
    if constexpr (std::is_null_pointer_v<T>) {
        text << "nullptr";
    } else if constexpr (std::is_same_v<T, bool>) {
        text << (value ? "true" : "false");
    } else if constexpr (std::is_enum_v<T>) {
        text << +static_cast<std::underlying_type_t<T>>(value);
    } else if constexpr (std::integral<T>) {
        text << +value;
    } else if constexpr (std::convertible_to<T, std::string_view>) {
        text << '"' << std::string_view(value) << '"';
    } else if constexpr (requires { text << value; }) {
        text << value;
    } else if constexpr (requires { value.first, value.second; }) {
        text << '(' << show(value.first) << ", " << show(value.second) << ')';
    } else if constexpr (std::ranges::input_range<const T>) {
        text << '{';
        for (const char* separator = ""; const auto& element : value)
            text << std::exchange(separator, ", ") << show(element);
        text << '}';
    } else {
        text << "(" << sizeof(T) << " bytes)";
    }
    return text.str();
}

/// A whole number as one that may be compared with any other: `size() == 3` compares an unsigned with a signed one.
template <typename T>
constexpr decltype(auto) comparable(const T& value) {
    if constexpr (std::integral<T>) {
        return +value;
    } else {
        return (value);
    }
}

/// The left side of a comparison, or a condition that is none.
template <typename Left>
struct LeftOperand {
    const Left& left;
    std::string& operands;

    explicit operator bool() const { return static_cast<bool>(left); }

#define TRACYPY_COMPARISON(symbol, compare_integers)                            \
    template <typename Right>                                                   \
    bool operator symbol(const Right& right) const {                            \
        bool holds;                                                             \
        if constexpr (std::integral<Left> && std::integral<Right>) {            \
            holds = std::compare_integers(comparable(left), comparable(right)); \
        } else {                                                                \
            holds = left symbol right;                                          \
        }                                                                       \
        if (!holds) operands = show(left) + " " #symbol " " + show(right);      \
        return holds;                                                           \
    }
    TRACYPY_COMPARISON(==, cmp_equal)
    TRACYPY_COMPARISON(!=, cmp_not_equal)
    TRACYPY_COMPARISON(<, cmp_less)
    TRACYPY_COMPARISON(<=, cmp_less_equal)
    TRACYPY_COMPARISON(>, cmp_greater)
    TRACYPY_COMPARISON(>=, cmp_greater_equal)
#undef TRACYPY_COMPARISON
};

/// `Operands{text} <= a == b` is `(Operands{text} <= a) == b`: the comparison passes through LeftOperand.
struct Operands {
    std::string& text;

    template <typename Left>
    LeftOperand<Left> operator<=(const Left& left) const {
        return {left, text};
    }
};

}  // namespace tracypy::native_tests

#define TEST(name)                                                                                                     \
    static void test_##name();                                                                                         \
    [[maybe_unused]] static const bool registered_##name = ::tracypy::native_tests::register_test(#name, test_##name); \
    static void test_##name()

// Both compilers would have parentheses where the comparison is taken apart.
#if defined(__GNUC__)
#define TRACYPY_QUIET _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wparentheses\"")
#define TRACYPY_LOUD _Pragma("GCC diagnostic pop")
#else
#define TRACYPY_QUIET
#define TRACYPY_LOUD
#endif

#define TRACYPY_CHECK(otherwise, ...)                                                                  \
    do {                                                                                               \
        std::string operands_of_check;                                                                 \
        TRACYPY_QUIET                                                                                  \
        if (!static_cast<bool>(::tracypy::native_tests::Operands{operands_of_check} <= __VA_ARGS__)) { \
            ::tracypy::native_tests::report(__FILE__, __LINE__, #__VA_ARGS__, operands_of_check);      \
            otherwise;                                                                                 \
        }                                                                                              \
        TRACYPY_LOUD                                                                                   \
    } while (false)

// Of any number of arguments: a comma in braces parts a macro's.
#define CHECK(...) TRACYPY_CHECK((void)0, __VA_ARGS__)
#define REQUIRE(...) TRACYPY_CHECK(return, __VA_ARGS__)
