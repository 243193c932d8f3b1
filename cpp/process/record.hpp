// The recording to a file, as the interpreter's threads begin it, save it and bring it to its end.
//
// All functions are called with the GIL, and wait without it. `keep_waiting` is asked without it. They throw as the
// functions of drivers::FileRecorder of the same name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "drivers/file_recorder.hpp"

namespace tracypy::process {

/// Also throws base::Error at the end of the interpreter.
std::uint64_t start_recording(const drivers::RecordingConfig& config);
/// Likewise.
drivers::RecordingResult stop_recording(std::uint64_t number, const drivers::KeepWaiting& keep_waiting);
drivers::RecordingResult stop_and_leave_recording(std::uint64_t number, const drivers::KeepWaiting& keep_waiting);
/// The process does not end before that file is made.
void leave_recording(std::string before, std::string after);
void await_left_recording(const std::function<bool()>& keep_waiting);
void flush_recording();
drivers::Saved save_recording(const std::filesystem::path& path, bool overwrite,
                              const drivers::KeepWaiting& keep_waiting);
/// False: nothing was saved.
bool save_because(const std::string& why, const drivers::KeepWaiting& keep_waiting);

}  // namespace tracypy::process
