#include "protocol/kinds/frame_images.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "base/dxt1.hpp"

namespace tracypy::protocol::kinds {
namespace {

/// On the wire, the two bits of a pixel count from the block's second colour to its first.
constexpr std::array<std::uint8_t, 4> kOnWire{3, 0, 2, 1};
constexpr std::array<std::uint8_t, 4> kInFile{1, 3, 2, 0};

std::string turn(std::string_view dxt1, const std::array<std::uint8_t, 4>& order) {
    std::string data(dxt1);
    for (std::size_t block = 0; block + base::kDxt1BlockBytes <= data.size(); block += base::kDxt1BlockBytes) {
        for (std::size_t row = block + 4; row < block + base::kDxt1BlockBytes; ++row) {
            const auto bits = static_cast<std::uint8_t>(data[row]);
            unsigned turned = 0;
            for (unsigned shift = 0; shift < 8; shift += 2) turned |= unsigned{order[bits >> shift & 3]} << shift;
            data[row] = static_cast<char>(turned);
        }
    }
    return data;
}

}  // namespace

std::string in_file_order(std::string_view dxt1) {
    return turn(dxt1, kInFile);
}

void FrameImageWriter::mark(base::Ticks tick) {
    if (frames_.size() == kMostFrames) {
        frames_.pop_front();
        ++before_;
    }
    frames_.push_back({frames_.empty() ? tick : std::max(tick, frames_.back().begin), false});
}

FrameImageWriter::Verdict FrameImageWriter::write(const events::FrameImage& image) {
    const auto behind = std::ranges::upper_bound(frames_, image.ticks, {}, &Frame::begin);
    const auto begun = static_cast<std::size_t>(behind - frames_.begin());
    if (begun <= image.offset) return Verdict::NoFrame;
    const std::size_t place = begun - image.offset - 1;
    Frame& frame = frames_[place];
    if (frame.has_image) return Verdict::Twice;
    frame.has_image = true;
    const std::string data = turn(image.text, kOnWire);
    constexpr std::uint64_t kNowhere = 0;  // a viewer takes what comes next, wherever it was
    encoder_.write<WireEvent::FrameImageData>(kNowhere, std::string_view(data));
    encoder_.write<WireEvent::FrameImage>(static_cast<std::uint32_t>(before_ + place + 1), image.width, image.height,
                                          static_cast<std::uint8_t>(image.is_flipped));
    return Verdict::Sent;
}

}  // namespace tracypy::protocol::kinds
