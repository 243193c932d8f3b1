// Where zones come from: one entry per function or marked block.
#pragma once

#include <cstdint>

#include "model/strings.hpp"

namespace tracypy::model {

/// An index into Trace::locations.
using LocationIndex = std::uint32_t;

struct SourceLocation {
    TextId name = TextId::None;  // None: the function names it
    TextId function = TextId::None;
    TextId file = TextId::None;
    std::uint32_t line = 0;
    std::uint32_t color = 0;  // 0xRRGGBB, zero for none
};

}  // namespace tracypy::model
