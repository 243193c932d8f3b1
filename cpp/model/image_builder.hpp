// Pictures as they come in, each to the frame that it is of.
#pragma once

#include <cstdint>
#include <vector>

#include "events/vocabulary.hpp"
#include "model/frame_images.hpp"
#include "model/frames.hpp"
#include "model/time_scale.hpp"

namespace tracypy::model {

/// One thread.
class ImageBuilder {
public:
    /// `room`: for the data of all images.
    explicit ImageBuilder(std::size_t room = kMostImageBytes) noexcept : room_(room) {}

    /// False: it is no image.
    bool take(const events::FrameImage& image);
    /// How many were left out, for want of room.
    std::uint64_t without_room() const noexcept { return without_room_; }
    std::size_t memory_bytes() const noexcept { return bytes_; }
    /// In the order of the frames. `left_out`: how many are of no frame that was marked, or of one that has one
    /// already.
    std::vector<FrameImage> finish(const FrameSet& frames, const TimeScale& to_ns, std::uint64_t& left_out);

private:
    struct Taken {
        base::Ticks ticks;
        std::uint32_t offset;
        FrameImage image;
    };

    std::size_t room_;
    std::uint64_t without_room_ = 0;
    std::vector<Taken> taken_;
    std::size_t bytes_ = 0;
};

}  // namespace tracypy::model
