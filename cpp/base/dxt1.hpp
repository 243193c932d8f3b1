// Pictures in DXT1: blocks of 4 x 4 pixels in 8 bytes each, row by row. A block has two colours of 16 bits, and two
// bits for each pixel: one of the colours, or one of two between them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tracypy::base {

inline constexpr unsigned kBlockPixels = 4;  // of a side
inline constexpr std::size_t kDxt1BlockBytes = 8;

constexpr std::size_t dxt1_bytes(std::size_t width, std::size_t height) noexcept {
    return width * height / 2;
}

/// `rgb`: three bytes for each pixel, row by row. Both sides are multiples of 4. Throws std::bad_alloc.
std::string to_dxt1(std::span<const std::uint8_t> rgb, unsigned width, unsigned height);
/// The other way round; `dxt1` has that many blocks.
std::string from_dxt1(std::string_view dxt1, unsigned width, unsigned height);

}  // namespace tracypy::base
