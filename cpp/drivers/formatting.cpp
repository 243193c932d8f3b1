#include "drivers/formatting.hpp"

#include <cstdio>

#include <span>

namespace tracypy::drivers {
namespace {

struct Unit {
    double factor;
    const char* name;
};

/// In the largest unit that fits at least once; empty if none does. As `tracypy.formatting` does it.
std::string three_digits(double number, std::span<const Unit> units) {
    for (const Unit& unit : units) {
        const double value = number / unit.factor;
        if (value < 0.9995) continue;
        char text[64];
        std::snprintf(text, sizeof(text), "%.*f %s", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, unit.name);
        return text;
    }
    return {};
}

}  // namespace

std::string duration_text(std::int64_t ns) {
    constexpr Unit kUnits[] = {{60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    const std::string text = three_digits(static_cast<double>(ns), kUnits);
    return text.empty() ? std::to_string(ns) + " ns" : text;
}

std::string size_text(std::uint64_t bytes) {
    constexpr Unit kUnits[] = {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}};
    const std::string text = three_digits(static_cast<double>(bytes), kUnits);
    return text.empty() ? counted(bytes, "byte") : text;
}

std::string counted(std::uint64_t number, const char* noun) {
    std::string digits = std::to_string(number);
    for (std::size_t place = digits.size(); place > 3; place -= 3) digits.insert(place - 3, ",");
    return digits + " " + noun + (number == 1 ? "" : "s");
}

std::string seconds_text(double seconds) {
    std::string text = std::to_string(seconds);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
    return text + (text == "1" ? " second" : " seconds");
}

}  // namespace tracypy::drivers
