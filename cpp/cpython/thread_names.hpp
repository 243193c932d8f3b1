// What `threading` calls its threads, or what they call themselves in a trace.
#pragma once

#include <string>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// The name of the thread with Python's id `ident`, as the viewer shows it; empty when `threading` does not know it.
/// Holds the GIL; runs no Python code, and leaves a pending error as it is.
std::string name_of_thread(unsigned long ident) noexcept;

/// Gives `thread`, an object of `threading`, a name for traces alone: `threading`, and what the program logs, go on
/// with its own. False with a Python error set.
bool give_thread_name(PyObject* thread, PyObject* name) noexcept;

/// Whether it is the thread that imported us, which is the main thread in all but odd embeddings.
bool is_main_thread(unsigned long ident) noexcept;

}  // namespace tracypy::cpython
