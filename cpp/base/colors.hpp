// Colours are 0xRRGGBB here. Where a viewer has them the other way round is told where they go out and come in.
#pragma once

#include <cstdint>

namespace tracypy::base {

/// 0xBBGGRR of 0xRRGGBB; the exchange is its own inverse.
constexpr std::uint32_t swap_red_blue(std::uint32_t color) noexcept {
    return (color & 0xFF) << 16 | (color & 0xFF00) | (color >> 16 & 0xFF);
}

}  // namespace tracypy::base
