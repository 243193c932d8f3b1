// Where the process's messages go.
#pragma once

namespace tracypy::process {

/// Once, when tracypy is imported, with the GIL: the log goes to the stderr of the process, if it has one.
void begin_messages() noexcept;

}  // namespace tracypy::process
