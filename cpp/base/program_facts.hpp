// What is known about a profiled program and its machine. Viewers are told it, journals and trace files have it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace tracypy::base {

struct Processor {
    /// As viewers number them.
    enum class Architecture : std::uint8_t { Unknown, X86, X64, Arm32, Arm64 };

    Architecture architecture = Architecture::Unknown;
    std::uint32_t id = 0;                 // x86: type, family, model and stepping, packed as Tracy does; else 0
    std::array<char, 12> manufacturer{};  // x86: "GenuineIntel"; else zeros

    friend bool operator==(const Processor&, const Processor&) = default;
};

struct ProgramFacts {
    std::string name;
    std::string host;  // lines about the machine
    std::uint64_t process_id = 0;
    std::uint64_t executable_time_s = 0;  // when the program's file was written, since 1970; 0: unknown
    Processor processor;

    friend bool operator==(const ProgramFacts&, const ProgramFacts&) = default;
};

}  // namespace tracypy::base
