// The processor, as a viewer wants to know it.
#pragma once

#include <cstdint>

namespace tracypy::io {

struct Processor {
    enum class Architecture : std::uint8_t { Unknown, X86, X64, Arm32, Arm64 };
    Architecture architecture;
    std::uint32_t id;       // x86: type, family, model and stepping, packed as Tracy does; else 0
    char manufacturer[12];  // x86: "GenuineIntel"; else zeros
};

Processor this_processor() noexcept;

}  // namespace tracypy::io
