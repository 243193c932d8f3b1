#include "recorder/frame_images.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/dxt1.hpp"

namespace tracypy::recorder {
namespace {

struct Size {
    unsigned width, height;
};

/// A multiple of the side of a block, and one block at least.
unsigned in_blocks(double side) noexcept {
    const auto blocks = static_cast<unsigned>(side / base::kBlockPixels + 0.5);
    return std::max(blocks, 1u) * base::kBlockPixels;
}

/// What fits, in nearly the same proportion.
Size small_size(unsigned width, unsigned height) noexcept {
    const double longer = std::max(width, height), shorter = std::min(width, height);
    const double scale =
        std::min({1.0, FrameImages::kLongSide / longer, FrameImages::kShortSide / std::max(shorter, 1.0)});
    return {in_blocks(width * scale), in_blocks(height * scale)};
}

/// Where the pixel `index` of `to` begins among `from`.
std::size_t edge(unsigned index, unsigned to, unsigned from) noexcept {
    return static_cast<std::size_t>(index) * from / to;
}

/// Each pixel is the mean of those that it stands for: red, green, blue.
std::vector<std::uint8_t> scaled(const Picture& picture, Size size) {
    std::vector<std::uint8_t> rgb(std::size_t{3} * size.width * size.height);
    const unsigned channels = picture.channels;
    auto out = rgb.begin();
    for (unsigned y = 0; y < size.height; ++y) {
        const std::size_t top = edge(y, size.height, picture.height);
        const std::size_t bottom = std::max(edge(y + 1, size.height, picture.height), top + 1);
        for (unsigned x = 0; x < size.width; ++x) {
            const std::size_t left = edge(x, size.width, picture.width);
            const std::size_t right = std::max(edge(x + 1, size.width, picture.width), left + 1);
            std::uint64_t sums[3] = {};
            for (std::size_t row = top; row < bottom; ++row) {
                const std::uint8_t* pixel = picture.pixels.get() + (row * picture.width + left) * channels;
                for (std::size_t column = left; column < right; ++column, pixel += channels) {
                    for (unsigned part = 0; part < 3; ++part) sums[part] += pixel[channels == 1 ? 0 : part];
                }
            }
            const std::uint64_t count = (bottom - top) * (right - left);
            for (const std::uint64_t sum : sums) *out++ = static_cast<std::uint8_t>((sum + count / 2) / count);
        }
    }
    return rgb;
}

}  // namespace

bool FrameImages::has_room(std::size_t bytes) noexcept {
    {
        const std::lock_guard lock(mutex_);
        const bool is_first = waiting_.empty();
        if (is_first || (waiting_.size() < kMostWaiting && bytes_ + bytes <= kMostBytes)) return true;
    }
    policy_.count(Lost::Image);
    return false;
}

void FrameImages::put(Picture&& picture, std::uint32_t offset, bool is_flipped) noexcept {
    const std::size_t bytes = picture.bytes();
    const std::lock_guard lock(mutex_);
    try {
        // Others may have been as quick.
        if (waiting_.size() < 2 * kMostWaiting) {
            waiting_.push_back({std::move(picture), base::ordered_ticks(), offset, is_flipped});
            bytes_ += bytes;
            return;
        }
    } catch (...) {
        // Out of memory.
    }
    policy_.count(Lost::Image);
}

std::size_t FrameImages::hand_on(events::EventSink& sink) {
    Waiting next{};
    {
        const std::lock_guard lock(mutex_);
        if (waiting_.empty()) return 0;
        next = std::move(waiting_.front());
        waiting_.pop_front();
        bytes_ -= next.picture.bytes();
    }
    const Size size = small_size(next.picture.width, next.picture.height);
    const std::string data = base::to_dxt1(scaled(next.picture, size), size.width, size.height);
    const events::FrameImage image{.ticks = next.ticks,
                                   .offset = next.offset,
                                   .width = static_cast<std::uint16_t>(size.width),
                                   .height = static_cast<std::uint16_t>(size.height),
                                   .is_flipped = next.is_flipped,
                                   .text = data};
    sink.take({&image, 1});
    return data.size() / sizeof(events::Word);
}

void FrameImages::clear() noexcept {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
    bytes_ = 0;
}

}  // namespace tracypy::recorder
