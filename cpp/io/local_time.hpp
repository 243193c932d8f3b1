// A moment as the clock on the wall shows it.
#pragma once

#include <cstdint>
#include <string>

namespace tracypy::io {

/// "2026-01-31 23:59:00"; `seconds` since 1970. Empty if it is not a date. Any thread.
std::string local_time(std::uint64_t seconds);

}  // namespace tracypy::io
