// An engine's own Tracy client, told what happens in place of a viewer of ours or a file.
//
// All functions are called with the GIL.
#pragma once

#include <string>

namespace tracypy::process {

/// From now on the client in the library at `path` is told, or, without a path, the one that the process has for all.
/// Throws base::Error: there is no such client, another one is used, or somebody else has the program.
void use_client(const std::string& path);
/// Returns false if none was used.
bool leave_client();
bool has_client() noexcept;
/// In a forked child, which the client has not come along to.
void forget_client() noexcept;

}  // namespace tracypy::process
