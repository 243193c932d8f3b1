// What a program was doing at moments that it did not choose.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tracypy::model {

struct Sample {
    std::int64_t time_ns;
    std::uint32_t callstack;  // index into Trace::callstacks.stacks
};

/// What the processor counted at one address: the moments of each kind.
struct HardwareSamples {
    /// Cycles, instructions retired, cache references, cache misses, branches retired, branches missed.
    static constexpr std::size_t kKinds = 6;

    std::uint64_t address = 0;
    std::array<std::vector<std::int64_t>, kKinds> times_ns;
};

}  // namespace tracypy::model
