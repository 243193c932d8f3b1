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

/// Starts `program`, which calls become_detached() first, and waits for that. `given` are its descriptors from
/// kFirstGiven on; one that is -1 is not there. False when it cannot be started, or would become our child: then there
/// is none.
bool start_detached(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                    std::span<const int> given) noexcept;

/// In that program: keeps that many given descriptors, and the standard error, if that is to be kept, as the next one;
/// leaves everything else behind. No signal that can be blocked ends it. Ends the process when it cannot be done.
void become_detached(int given, bool keep_stderr) noexcept;

/// A file that exists, to be given to such a process. -1 when it cannot be had.
int open_to_give(const std::filesystem::path& path) noexcept;
void close_given(int descriptor) noexcept;

}  // namespace tracypy::io
