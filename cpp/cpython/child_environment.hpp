// What children of this process find in their environment besides what the program gives them: how to join the root,
// and a folder on PYTHONPATH with a `sitecustomize` that does it.
//
// Both are in the environment of the process itself, where the program does not see them: `os.environ` is a copy. So
// whoever starts a process in a way that nobody can be put around hands them on as well. Where the program names an
// environment, they are added to that.
#pragma once

#include <string>

#include "cpython/compat.hpp"

namespace tracypy::cpython {

/// With the GIL, as the rest.
void set_child_variables(std::string follow, std::string folder);
/// Of the process itself. False with an error set.
bool add_child_variables() noexcept;
bool has_child_variables() noexcept;

/// How a function of the interpreter wants an environment.
enum class EnvironmentForm : std::uint8_t { Mapping, List };
/// A new reference: `given` with what is ours, or None to leave it as it is. `given`: None, or null, for that of the
/// process. `connection`: a descriptor that the child gets, or -1. nullptr with an error set.
PyObject* child_environment(PyObject* given, EnvironmentForm form, int connection = -1);

/// Makes a connection for a child of another user, who cannot find the socket: a descriptor, or -1. Set once.
void set_child_connection(int (*connect)()) noexcept;
int connect_for_child() noexcept;
void close_connection(int connection) noexcept;

}  // namespace tracypy::cpython
