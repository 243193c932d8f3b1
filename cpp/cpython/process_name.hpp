// What multiprocessing calls this process. One that it has spawned is told its name some time after it has started.
#pragma once

#include <string>

namespace tracypy::cpython {

/// From now on it is looked for now and then. With the GIL.
void watch_process_name() noexcept;
/// With the GIL. Runs no Python code, and never leaves a Python error set.
void look_at_process_name() noexcept;
/// Once for each new one; else empty. Any thread.
std::string take_process_name();

}  // namespace tracypy::cpython
