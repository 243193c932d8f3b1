#include "base/log.hpp"

#include <atomic>
#include <cstdio>
#include <string>

namespace tracypy::base {
namespace {

std::atomic<int> g_level{static_cast<int>(LogLevel::Warning)};

LogWriter g_writer = [](std::string_view line) {
    // stderr is unbuffered, so one fwrite is one write: lines of several threads stay whole.
    std::fwrite(line.data(), 1, line.size(), stderr);
};

}  // namespace

void set_log_level(LogLevel level) noexcept {
    g_level.store(static_cast<int>(level), std::memory_order_relaxed);
}

void set_log_writer(LogWriter writer) noexcept {
    g_writer = writer;
}

void log(LogLevel level, std::string_view text) noexcept {
    if (static_cast<int>(level) > g_level.load(std::memory_order_relaxed)) return;
    try {
        std::string line = "tracypy: ";
        line.append(text).push_back('\n');
        g_writer(line);
    } catch (...) {
        // Out of memory for a log line: there is nobody left to tell.
    }
}

}  // namespace tracypy::base
