// A trace of a journal that was left behind: the program was killed, or the disk was full.
#pragma once

#include <filesystem>

#include "drivers/making_progress.hpp"
#include "drivers/recording_config.hpp"
#include "drivers/recording_files.hpp"

namespace tracypy::drivers {

/// Makes the trace on a thread of its own, while the caller waits. `path`: what to make; empty for the name that the
/// journal was written for. Throws base::SystemError, tracefile::FormatError if it is not a journal, journal::Cancelled
/// when the wait was given up, base::Error while a program still writes the journal; in all these cases it is as it
/// was.
RecordingResult recover(const std::filesystem::path& journal, const std::filesystem::path& path, bool overwrite,
                        const KeepWaiting& keep_waiting);

/// The same on the calling thread, of a journal that is open, and whose name may be lost.
RecordingResult recover_from(JournalFile& journal, TracePart&& part, bool overwrite, journal::Progress& progress);

}  // namespace tracypy::drivers
