// fork() leaves the child one thread, and every lock as it was.
#pragma once

namespace tracypy::cpython {

/// Takes the locks of the tables and of the recorder around every fork of the process, so that the child finds them
/// free. Idempotent.
void install_fork_guard();

}  // namespace tracypy::cpython
