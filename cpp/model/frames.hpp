// Sets of frame marks.
#pragma once

#include <cstdint>
#include <vector>

#include "model/strings.hpp"

namespace tracypy::model {

struct Frame {
    std::int64_t start_ns;
    std::int64_t end_ns;  // -1: ends where the next one starts (continuous sets), or never ended
};

struct FrameSet {
    TextId name = TextId::None;
    bool is_continuous = true;
    std::vector<Frame> frames;
};

/// The first frames of the default set are not marks: time 0 and the end of the program's initialisation. Every viewer
/// takes them for granted. (A program that waited for its viewer has a third, the time of the connection.)
inline constexpr std::size_t kStartFrames = 2;

}  // namespace tracypy::model
