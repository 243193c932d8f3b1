#include "model/image_builder.hpp"

#include <algorithm>
#include <utility>

#include "base/dxt1.hpp"

namespace tracypy::model {

bool ImageBuilder::take(const events::FrameImage& image) {
    const bool is_whole = image.width % base::kBlockPixels == 0 && image.height % base::kBlockPixels == 0 &&
                          !image.text.empty() && image.text.size() == base::dxt1_bytes(image.width, image.height);
    if (!is_whole) return false;
    if (bytes_ + image.text.size() > room_) {
        ++without_room_;
        return true;
    }
    bytes_ += image.text.size();
    taken_.push_back({image.ticks, image.offset,
                      FrameImage{.width = image.width,
                                 .height = image.height,
                                 .is_flipped = image.is_flipped,
                                 .data = std::string(image.text)}});
    return true;
}

std::vector<FrameImage> ImageBuilder::finish(const FrameSet& frames, const TimeScale& to_ns, std::uint64_t& left_out) {
    std::vector<FrameImage> images;
    for (Taken& taken : taken_) {
        const auto behind = std::ranges::upper_bound(frames.frames, to_ns(taken.ticks), {}, &Frame::start_ns);
        const auto begun = static_cast<std::size_t>(behind - frames.frames.begin());
        if (begun <= kStartFrames + std::size_t{taken.offset}) {
            ++left_out;
            continue;
        }
        taken.image.frame = static_cast<std::uint32_t>(begun - taken.offset - 1);
        images.push_back(std::move(taken.image));
    }
    taken_.clear();
    std::ranges::stable_sort(images, {}, &FrameImage::frame);
    const auto twice = std::ranges::unique(images, {}, &FrameImage::frame);
    left_out += twice.size();
    images.erase(twice.begin(), twice.end());
    return images;
}

}  // namespace tracypy::model
