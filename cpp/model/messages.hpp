// Log lines.
#pragma once

#include <cstdint>

#include "model/strings.hpp"

namespace tracypy::model {

struct Message {
    std::int64_t time_ns;
    TextId text = TextId::None;
    std::uint32_t thread = 0;     // index into Trace::threads, or kNoThread
    std::uint32_t color = 0;      // 0xRRGGBB; zero: the viewer's default
    std::uint8_t source = 0;      // 0 the program, 1 Tracy itself; known to files from 0.13.2 on
    std::uint8_t severity = 2;    // 0 trace, 1 debug, 2 information, 3 warning, 4 error, 5 fatal
    std::uint32_t callstack = 0;  // index into Trace::callstacks.stacks; 0: none
};

inline constexpr std::uint32_t kNoThread = 0xFFFF'FFFF;

}  // namespace tracypy::model
