// Pictures of frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tracypy::model {

/// Both sides are multiples of 4.
struct FrameImage {
    std::uint32_t frame = 0;  // index into its set
    std::uint16_t width = 0, height = 0;
    bool is_flipped = false;
    std::string data;       // DXT1
    std::uint32_t set = 0;  // index of the set: another one than the default only in merged traces
};

/// A trace in memory keeps so much of them, and leaves out what comes then.
inline constexpr std::size_t kMostImageBytes = std::size_t{512} << 20;

}  // namespace tracypy::model
