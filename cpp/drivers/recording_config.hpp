// What a recording is told, and what it tells.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "journal/ring.hpp"
#include "journal/slow_zones.hpp"
#include "journal/trace_maker.hpp"

namespace tracypy::drivers {

struct RecordingConfig {
    std::filesystem::path path;  // absolute: the program may change its folder
    bool overwrite = false;
    double seconds = std::numeric_limits<double>::infinity();                 // the recording ends after so many
    std::uint64_t journal_bytes = std::numeric_limits<std::uint64_t>::max();  // or when so much was written
    std::optional<journal::RingLimits> last;                                  // only the last moments are kept
    journal::SlowLimits slow;      // zones that are slower than that are saved
    int save_signal = 0;           // when it comes, what there is is saved; 0: none
    std::string save_signal_name;  // for messages
    bool sources = false;          // the file is to have the texts of source files
    std::string program_name;
    std::string host_info;
    std::filesystem::path keeper;  // the program that makes the trace when this one cannot; empty for none
};

/// The file was made.
struct RecordingResult {
    /// Why the recording ended: it was stopped, reached a limit, or could not be written any more. Saved: it goes on.
    enum class End : std::uint8_t { Stopped, Seconds, Size, Disk, Saved };
    journal::Made made;
    std::uint64_t file_bytes = 0;
    std::uint64_t dropped_zones = 0;  // the buffer was full
    End end = End::Stopped;
};

/// A recording that goes on was written to a file up to a moment.
struct Saved {
    std::filesystem::path path;
    RecordingResult recorded;
};

}  // namespace tracypy::drivers
