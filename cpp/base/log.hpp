// One line to stderr, for what the user has to know although the program goes on. Never throws, needs no interpreter.
#pragma once

#include <string_view>

namespace tracypy::base {

enum class LogLevel : int { Off = 0, Warning = 1, Info = 2 };

/// The level up to which lines are written: TRACYPY_LOG (off, warning, info); warning when unset. Thread-safe.
void set_log_level(LogLevel level) noexcept;

/// How a line is written; to the C library's stderr by default. To be called before there are several threads.
using LogWriter = void (*)(std::string_view line);
void set_log_writer(LogWriter writer) noexcept;

/// Writes "tracypy: TEXT\n" with one write(2), so that lines of several threads do not mix.
void log(LogLevel level, std::string_view text) noexcept;

}  // namespace tracypy::base
