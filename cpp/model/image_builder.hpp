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
    /// False: there is no room, and it is left out.
    bool take(const events::FrameImage& image);
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

    std::vector<Taken> taken_;
    std::size_t bytes_ = 0;
};

}  // namespace tracypy::model
