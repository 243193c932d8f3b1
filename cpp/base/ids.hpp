// Identities that cross the layers. Distinct types, because a string id where a thread id is meant must not compile.
#pragma once

#include <cstdint>

namespace tracypy::base {

/// A string in the process-wide StringTable. Never zero for a real string: the wire reads zero as "no string".
enum class StringId : std::uint64_t { None = 0 };

/// A source location in the process-wide SourceLocationTable. Zero is the "other functions" location.
enum class SourceLocationId : std::uint32_t { Other = 0 };

/// A call stack in the process-wide CallstackTable, and one of its lines.
enum class CallstackId : std::uint32_t { None = 0 };
enum class StackFrameId : std::uint32_t { None = 0 };

/// An address in the machine code of some program. Those of different programs lie in different regions.
enum class CodeAddress : std::uint64_t { None = 0 };

/// One row of the viewer. Usually the system's thread id, but never the same for two threads of different names.
enum class ThreadId : std::uint32_t { None = 0 };

}  // namespace tracypy::base
