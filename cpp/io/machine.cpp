#include "io/machine.hpp"

#include <cstring>

#include "base/system_file.hpp"

#if defined(__i386__) || defined(__x86_64__)
#include <cpuid.h>
#elif defined(_M_IX86) || defined(_M_X64)
#include <intrin.h>
#endif

namespace tracypy::io {
namespace {

using Architecture = base::Processor::Architecture;

#if defined(__x86_64__) || defined(_M_X64)
constexpr Architecture kArchitecture = Architecture::X64;
#elif defined(__i386__) || defined(_M_IX86)
constexpr Architecture kArchitecture = Architecture::X86;
#elif defined(__aarch64__) || defined(_M_ARM64)
constexpr Architecture kArchitecture = Architecture::Arm64;
#elif defined(__arm__) || defined(_M_ARM)
constexpr Architecture kArchitecture = Architecture::Arm32;
#else
constexpr Architecture kArchitecture = Architecture::Unknown;
#endif

/// EAX, EBX, ECX, EDX of a CPUID leaf; false where there is none.
[[maybe_unused]] bool cpuid(std::uint32_t leaf, std::uint32_t (&registers)[4]) noexcept {
#if defined(__i386__) || defined(__x86_64__)
    return __get_cpuid(leaf, &registers[0], &registers[1], &registers[2], &registers[3]) != 0;
#elif defined(_M_IX86) || defined(_M_X64)
    __cpuid(reinterpret_cast<int*>(registers), static_cast<int>(leaf));
    return true;
#else
    (void)leaf, (void)registers;
    return false;
#endif
}

}  // namespace

base::Processor this_processor() noexcept {
    base::Processor processor{kArchitecture, 0, {}};
    std::uint32_t registers[4];
    if (cpuid(0, registers)) {
        char* const manufacturer = processor.manufacturer.data();
        std::memcpy(manufacturer, &registers[1], 4);
        std::memcpy(manufacturer + 4, &registers[3], 4);
        std::memcpy(manufacturer + 8, &registers[2], 4);
    }
    if (cpuid(1, registers)) processor.id = (registers[0] & 0xFFF) | ((registers[0] & 0xFFF0000) >> 4);
    return processor;
}

std::string machine_identity() {
    return std::string(base::SystemFile("/proc/sys/kernel/random/boot_id").first_line());  // Linux only
}

}  // namespace tracypy::io
