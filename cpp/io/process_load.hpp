// What this process takes of the machine just now. Any thread; nothing is kept open in between.
#pragma once

#include <cstdint>

namespace tracypy::io {

/// Processor time of all threads of this process since it began, in nanoseconds. 0: unknown.
std::int64_t process_cpu_ns() noexcept;

/// How many threads this process has. 0: unknown.
std::uint64_t thread_count() noexcept;

}  // namespace tracypy::io
