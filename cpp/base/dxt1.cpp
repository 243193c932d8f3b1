#include "base/dxt1.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

namespace tracypy::base {
namespace {

constexpr std::size_t kPixels = kBlockPixels * kBlockPixels;

using Color = std::array<float, 3>;
using Pixels = std::array<Color, kPixels>;

float dot(const Color& one, const Color& other) noexcept {
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
}

std::uint16_t to_565(const Color& color) noexcept {
    const auto bits = [](float value, float most) {
        return static_cast<unsigned>(std::lround(std::clamp(value, 0.0f, 255.0f) * most / 255.0f));
    };
    return static_cast<std::uint16_t>(bits(color[0], 31) << 11 | bits(color[1], 63) << 5 | bits(color[2], 31));
}
std::array<unsigned, 3> from_565(std::uint16_t color) noexcept {
    const unsigned red = color >> 11, green = color >> 5 & 63, blue = color & 31;
    return {red << 3 | red >> 2, green << 2 | green >> 4, blue << 3 | blue >> 2};
}

/// The colours that the two bits of a pixel stand for. Where the first one is not the greater, the third is half of
/// each, and the fourth is black.
std::array<std::array<unsigned, 3>, 4> palette_of(std::uint16_t first, std::uint16_t second) noexcept {
    const auto a = from_565(first), b = from_565(second);
    std::array<std::array<unsigned, 3>, 4> palette{a, b};
    for (std::size_t i = 0; i < 3; ++i) {
        palette[2][i] = first > second ? (2 * a[i] + b[i]) / 3 : (a[i] + b[i]) / 2;
        palette[3][i] = first > second ? (a[i] + 2 * b[i]) / 3 : 0;
    }
    return palette;
}

struct Block {
    std::uint16_t first = 0, second = 0;
    std::uint32_t bits = 0;
    float error = 0;
};

/// The direction in which the colours differ most, as a few steps of a power iteration find it.
Color main_direction(const Pixels& pixels, const Color& mean) noexcept {
    std::array<Color, 3> covariance{};
    for (const Color& pixel : pixels) {
        for (std::size_t i = 0; i < 3; ++i) {
            for (std::size_t j = 0; j < 3; ++j) covariance[i][j] += (pixel[i] - mean[i]) * (pixel[j] - mean[j]);
        }
    }
    // From the row of the largest variance, which is not at right angles to it.
    Color direction = *std::max_element(covariance.begin(), covariance.end(), [](const Color& one, const Color& other) {
        return dot(one, one) < dot(other, other);
    });
    constexpr int kSteps = 4;
    for (int step = 0; step < kSteps; ++step) {
        const float length = std::sqrt(dot(direction, direction));
        if (length < 1e-6f) return {};
        for (float& part : direction) part /= length;
        direction = {dot(covariance[0], direction), dot(covariance[1], direction), dot(covariance[2], direction)};
    }
    const float length = std::sqrt(dot(direction, direction));
    if (length < 1e-6f) return {};
    for (float& part : direction) part /= length;
    return direction;
}

/// The pixels by these two colours, each as the nearest of four.
Block by_colors(const Pixels& pixels, const Color& one, const Color& other) noexcept {
    Block block{.first = to_565(one), .second = to_565(other)};
    if (block.first < block.second) std::swap(block.first, block.second);
    const auto palette = palette_of(block.first, block.second);
    const std::size_t colors = block.first == block.second ? 1 : palette.size();
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
        std::size_t best = 0;
        float least = 1e30f;
        for (std::size_t i = 0; i < colors; ++i) {
            Color away;
            for (std::size_t part = 0; part < 3; ++part) {
                away[part] = pixels[pixel][part] - static_cast<float>(palette[i][part]);
            }
            if (const float distance = dot(away, away); distance < least) {
                least = distance;
                best = i;
            }
        }
        block.bits |= static_cast<std::uint32_t>(best) << (2 * pixel);
        block.error += least;
    }
    return block;
}

/// How much of the first colour there is in each of the four.
constexpr std::array<float, 4> kShares{1.0f, 0.0f, 2.0f / 3, 1.0f / 3};

/// With the choice of `block` for each pixel, the two colours that suit all of them best: least squares.
Block refined(const Pixels& pixels, const Block& block) noexcept {
    float aa = 0, ab = 0, bb = 0;
    Color a{}, b{};
    for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
        const float share = kShares[block.bits >> (2 * pixel) & 3];
        aa += share * share;
        ab += share * (1 - share);
        bb += (1 - share) * (1 - share);
        for (std::size_t i = 0; i < 3; ++i) {
            a[i] += share * pixels[pixel][i];
            b[i] += (1 - share) * pixels[pixel][i];
        }
    }
    const float determinant = aa * bb - ab * ab;
    if (std::abs(determinant) < 1e-6f) return block;
    Color one, other;
    for (std::size_t i = 0; i < 3; ++i) {
        one[i] = (bb * a[i] - ab * b[i]) / determinant;
        other[i] = (aa * b[i] - ab * a[i]) / determinant;
    }
    const Block better = by_colors(pixels, one, other);
    return better.error < block.error ? better : block;
}

Block encode(const Pixels& pixels) noexcept {
    Color mean{};
    for (const Color& pixel : pixels) {
        for (std::size_t i = 0; i < 3; ++i) mean[i] += pixel[i] / kPixels;
    }
    const Color direction = main_direction(pixels, mean);
    float least = 0, most = 0;
    for (const Color& pixel : pixels) {
        const float along = dot(pixel, direction) - dot(mean, direction);
        least = std::min(least, along);
        most = std::max(most, along);
    }
    const auto at = [&](float along) {
        Color color;
        for (std::size_t i = 0; i < 3; ++i) color[i] = mean[i] + along * direction[i];
        return color;
    };
    return refined(pixels, by_colors(pixels, at(most), at(least)));
}

void put(std::string& output, const Block& block) {
    char bytes[kDxt1BlockBytes];
    std::memcpy(bytes, &block.first, 2);
    std::memcpy(bytes + 2, &block.second, 2);
    std::memcpy(bytes + 4, &block.bits, 4);
    output.append(bytes, sizeof(bytes));
}

}  // namespace

std::string to_dxt1(std::span<const std::uint8_t> rgb, unsigned width, unsigned height) {
    std::string output;
    output.reserve(dxt1_bytes(width, height));
    for (unsigned top = 0; top < height; top += kBlockPixels) {
        for (unsigned left = 0; left < width; left += kBlockPixels) {
            Pixels pixels;
            for (unsigned i = 0; i < kPixels; ++i) {
                const std::size_t at = std::size_t{top + i / kBlockPixels} * width + left + i % kBlockPixels;
                for (std::size_t part = 0; part < 3; ++part) pixels[i][part] = rgb[3 * at + part];
            }
            put(output, encode(pixels));
        }
    }
    return output;
}

std::string from_dxt1(std::string_view dxt1, unsigned width, unsigned height) {
    std::string rgb(std::size_t{3} * width * height, '\0');
    const unsigned across = width / kBlockPixels;
    for (std::size_t number = 0; number < dxt1.size() / kDxt1BlockBytes; ++number) {
        Block block;
        const char* const bytes = dxt1.data() + number * kDxt1BlockBytes;
        std::memcpy(&block.first, bytes, 2);
        std::memcpy(&block.second, bytes + 2, 2);
        std::memcpy(&block.bits, bytes + 4, 4);
        const auto palette = palette_of(block.first, block.second);
        const std::size_t top = number / across * kBlockPixels, left = number % across * kBlockPixels;
        for (std::size_t i = 0; i < kPixels; ++i) {
            const std::size_t at = (top + i / kBlockPixels) * width + left + i % kBlockPixels;
            const auto& color = palette[block.bits >> (2 * i) & 3];
            for (std::size_t part = 0; part < 3; ++part) rgb[3 * at + part] = static_cast<char>(color[part]);
        }
    }
    return rgb;
}

}  // namespace tracypy::base
