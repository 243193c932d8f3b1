// A process that has nothing to do with the one that starts it: not its child, not of its session, group or terminal,
// without its descriptors, environment, folder and signal handlers. Nothing on Windows.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace tracypy::io {

/// The first of the descriptors that it is given.
inline constexpr int kFirstGiven = 3;

/// Starts `program`, and waits until it has left everything of this one behind, not until it runs. `given` are its
/// descriptors from kFirstGiven on; one that is -1 is not there. No signal that can be blocked ends it. False when it
/// cannot be started, or would become our child: then there is none.
bool start_detached(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    std::span<const int> given) noexcept;

/// A file that exists, to be given to such a process. -1 when it cannot be had.
int open_to_give(const std::filesystem::path& path) noexcept;
void close_given(int descriptor) noexcept;

}  // namespace tracypy::io
