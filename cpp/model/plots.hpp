// Curves of numbers over time.
#pragma once

#include <cstdint>
#include <vector>

#include "model/strings.hpp"

namespace tracypy::model {

struct PlotPoint {
    std::int64_t time_ns;
    double value;
};

struct Plot {
    /// As trace files number them.
    enum class Kind : std::uint8_t { User = 0, Memory = 1, CpuUse = 2, Power = 3 };
    enum class Format : std::uint8_t { Number = 0, Memory = 1, Percentage = 2, Watt = 3 };

    TextId name = TextId::None;
    Kind kind = Kind::User;
    Format format = Format::Number;
    bool shows_steps = false;
    bool is_filled = true;
    std::uint32_t color = 0;             // 0xRRGGBB, zero for the viewer's choice
    std::vector<PlotPoint> points = {};  // by time
};

}  // namespace tracypy::model
