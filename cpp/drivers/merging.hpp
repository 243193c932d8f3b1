// Saved traces onto one axis of time, as one file.
//
// Traces of one machine that know its counter lie where they did, to the nanosecond but for how well each knows the
// length of a tick. The others lie where they are told to, where somebody has read the counters of two machines at the
// same moment, or where the clock of the system says.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tracefile/format.hpp"

namespace tracypy::drivers {

/// Two counters at the same moment, as far as one can know: in the middle of a question and its answer.
struct ClockReading {
    std::int64_t other = 0;     // that of the other trace
    std::int64_t own = 0;       // that of this one
    std::int64_t error_ns = 0;  // how far apart they may be
};

struct MergeInput {
    std::filesystem::path path;
    std::optional<double> offset_s = std::nullopt;  // of its time 0 behind that of the first one
    std::vector<ClockReading> readings = {};
    std::size_t other = 0;  // whose counter they are of, besides its own: one of those before it
};

/// Where one of the traces lies now.
struct MergePlace {
    enum class By : std::uint8_t {
        Nothing,    // it is the first one, or has been told where
        Counter,    // of the machine
        Clock,      // of the system, in nanoseconds
        ClockOnly,  // of the system, in seconds
        Readings,   // of both counters
    };

    std::string program;
    std::uint64_t process_id = 0;
    std::int64_t begin_ns = 0;  // its time 0, in the new trace
    By by = By::Nothing;
    std::int64_t error_ns = 0;  // as far as one can know
    std::uint64_t zones = 0;
};

struct MergeResult {
    std::vector<MergePlace> places;  // in the order of the inputs
    std::vector<std::string> notes;  // what did not go over as it was
    std::uint64_t threads = 0;
    std::uint64_t zones = 0;
    std::uint64_t file_bytes = 0;
    std::uint64_t zones_elsewhere = 0;  // see tracefile::Written
    tracefile::Version layout;
};

/// One trace is merged, too. `go_on` is asked between the files: false gives up. Throws base::ValueError when they
/// cannot be merged, base::SystemError when a file cannot be read or written. The new file appears when it is whole.
MergeResult merge_traces(const std::vector<MergeInput>& inputs, const std::filesystem::path& output, bool overwrite,
                         const std::function<bool()>& go_on);

}  // namespace tracypy::drivers
