// What `threading` calls its threads.
#pragma once

#include <string>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// The name of the thread with Python's id `ident`, as the viewer shows it; empty when `threading` does not know it.
/// Holds the GIL; runs no Python code, and leaves a pending error as it is.
std::string name_of_thread(unsigned long ident) noexcept;

/// Whether it is the thread that imported us, which is the main thread in all but odd embeddings.
bool is_main_thread(unsigned long ident) noexcept;

}  // namespace tracypy::cpython
