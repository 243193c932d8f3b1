// Quantities in the lines that a driver says, as src/tracypy/formatting.py has them.
#pragma once

#include <cstdint>
#include <string>

namespace tracypy::drivers {

/// Nanoseconds, as three digits and a unit.
std::string duration_text(std::int64_t ns);
std::string size_text(std::uint64_t bytes);
/// A number of something, in the plural if need be.
std::string counted(std::uint64_t number, const char* noun);
/// Seconds without zeros at the end.
std::string seconds_text(double seconds);

}  // namespace tracypy::drivers
