#include "drivers/formatting.hpp"

#include <cstdio>

namespace tracypy::drivers {

std::string duration_text(std::int64_t ns) {
    struct Unit {
        double ns;
        const char* name;
    };
    constexpr Unit kUnits[] = {{60e9, "min"}, {1e9, "s"}, {1e6, "ms"}, {1e3, "us"}};
    for (const Unit& unit : kUnits) {
        const double value = static_cast<double>(ns) / unit.ns;
        if (value < 0.9995) continue;
        char text[64];
        std::snprintf(text, sizeof(text), "%.*f %s", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value, unit.name);
        return text;
    }
    return std::to_string(ns) + " ns";
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
