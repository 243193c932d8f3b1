// Where a gathered client's frames are those of the whole program (FamilyNumbers::claim_frames), the frames that this
// process marks later are a set of their own.
#pragma once

#include <span>

#include "base/names.hpp"
#include "events/event_sink.hpp"

namespace tracypy::drivers {

/// Hands on everything else as it is. One thread.
class OwnFrames final : public events::UniformSink<OwnFrames> {
public:
    OwnFrames(events::EventSink& sink, base::Names& names) : sink_(sink), names_(names) {}

    void thread_batch(const events::ThreadBatch& batch) override { sink_.thread_batch(batch); }
    void ordered_events(std::span<const events::OrderedEvent> events) override { sink_.ordered_events(events); }
    template <typename Event>
    void take_any(std::span<const Event> events) {
        sink_.take(events);
    }
    void take_any(std::span<const events::FrameMark> marks) {
        for (events::FrameMark mark : marks) {
            if (mark.name == base::StringId::None) mark.name = names_.frames.intern("frames of this program");
            sink_.take({&mark, 1});
        }
    }
    /// Those of other sets have none.
    void take_any(std::span<const events::FrameImage> images) noexcept { lost_images_ += images.size(); }
    std::size_t lost_images() const noexcept { return lost_images_; }

private:
    events::EventSink& sink_;
    base::Names& names_;
    std::size_t lost_images_ = 0;
};

}  // namespace tracypy::drivers
