#include "base/clock_choice.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>

#include "base/clock.hpp"
#include "base/system_file.hpp"

#if defined(__APPLE__) || defined(_M_ARM64) || !TRACYPY_HAS_COUNTER || defined(__aarch64__)
#define TRACYPY_ASKS_CPUID 0
#elif defined(_MSC_VER)
#include <intrin.h>
#define TRACYPY_ASKS_CPUID 1
#else
#include <cpuid.h>
#define TRACYPY_ASKS_CPUID 1
#endif

namespace tracypy::base {
namespace {

bool is_word(std::string_view text, std::string_view word) noexcept {
    return std::ranges::equal(
        text, word, [](char one, char other) { return std::tolower(static_cast<unsigned char>(one)) == other; });
}

/// These are the counter and nothing else. (kvm-clock corrects it for each core.)
bool is_the_counter(std::string_view source) noexcept {
    constexpr std::array<std::string_view, 4> kCounters{"", "tsc", "hyperv_clocksource_tsc_page", "arch_sys_counter"};
    return std::ranges::find(kCounters, source) != kCounters.end();
}

// CPUID leaf 0x80000007, EDX bit 8: the counter runs at a constant rate in all power states. That of ARM64 always does.
bool is_steady() noexcept {
#if !TRACYPY_ASKS_CPUID
    return true;
#elif defined(_MSC_VER)
    int registers[4];
    __cpuid(registers, static_cast<int>(0x80000000));
    if (static_cast<unsigned>(registers[0]) < 0x80000007u) return false;
    __cpuid(registers, static_cast<int>(0x80000007));
    return (registers[3] & (1 << 8)) != 0;
#else
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(0x80000007u, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 8)) != 0;
#endif
}

constexpr const char* kSourceFile = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

std::string_view wish() noexcept {
    const char* const value = std::getenv("TRACYPY_CLOCK");
    return value != nullptr ? value : "";
}

}  // namespace

ClockChoice choose_clock(std::string_view wish, bool has_counter, bool is_steady, std::string_view source) noexcept {
    if (is_word(wish, "monotonic")) return {false, ClockReason::Asked};
    if (!has_counter) return {false, ClockReason::NoCounter};
    if (is_word(wish, "counter")) return {true, ClockReason::Asked};
    if (!is_steady) return {false, ClockReason::Unsteady};
    if (!is_the_counter(source)) return {false, ClockReason::OtherClock};
    return {true, ClockReason::Usual};
}

std::string_view clock_source() noexcept {
    static const SystemFile file(kSourceFile);
    return file.first_line();
}

ClockChoice clock_choice() noexcept {
    static const ClockChoice choice = choose_clock(wish(), TRACYPY_HAS_COUNTER != 0, is_steady(), clock_source());
    return choice;
}

}  // namespace tracypy::base
