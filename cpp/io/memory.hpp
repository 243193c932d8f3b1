// How much memory there is, and how much of it this process has.
#pragma once

#include <cstdint>

namespace tracypy::io {

/// Bytes of this process that are in memory now; where only the most it ever had can be known, that. 0: unknown.
std::uint64_t resident_bytes() noexcept;

/// Bytes of memory of the machine. 0: unknown.
std::uint64_t machine_bytes() noexcept;

}  // namespace tracypy::io
