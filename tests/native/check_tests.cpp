// What a failed check shows.
#include <string>
#include <utility>
#include <vector>

#include "check.hpp"

namespace tracypy::native_tests {
namespace {

enum class Color : unsigned char { Red = 1, Green = 2 };

template <typename Left, typename Right>
std::string failed_equality(const Left& left, const Right& right) {
    std::string text;
    const bool holds = (Operands{text} <= left) == right;
    CHECK(!holds);
    return text;
}

TEST(a_failed_comparison_shows_both_operands) {
    CHECK(failed_equality(std::size_t{2}, 3) == "2 == 3");
    CHECK(failed_equality(std::string("a"), "b") == "\"a\" == \"b\"");
    CHECK(failed_equality(Color::Red, Color::Green) == "1 == 2");
    CHECK(failed_equality(std::vector<int>{1, 2}, std::vector<int>{}) == "{1, 2} == {}");
    CHECK(failed_equality(std::pair(1, 'a'), std::pair(1, 'b')) == "(1, 97) == (1, 98)");
    CHECK(failed_equality(true, false) == "true == false");
    CHECK(failed_equality(1.5, 2) == "1.5 == 2");
}

TEST(numbers_of_other_signs_are_compared_by_value) {
    std::string text;
    const bool is_less = (Operands{text} <= -1) < std::size_t{0};
    CHECK(is_less && text.empty());
}

TEST(a_condition_of_several_shows_the_first_that_failed) {
    std::string text;
    const bool holds = (Operands{text} <= 4) == 5 && false;
    CHECK(!holds);
    CHECK(text == "4 == 5");
}

}  // namespace
}  // namespace tracypy::native_tests
