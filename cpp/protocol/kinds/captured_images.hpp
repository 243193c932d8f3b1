// Pictures of a captured program's frames, in.
#pragma once

#include <string>

#include "protocol/decoder_state.hpp"
#include "protocol/kinds/frame_images.hpp"
#include "protocol/peer_error.hpp"

namespace tracypy::protocol::kinds {

/// One thread. Throws PeerError on a picture without its data, or of a frame that the program cannot know.
class FrameImageDecoder {
public:
    explicit FrameImageDecoder(DecoderState& state) : state_(state) {}

    void on(const Incoming<WireEvent::FrameImageData>& event) {
        data_ = in_file_order(event.tail());
        state_.has_data_ahead = true;
    }
    // The program numbers its frames from its start; those of before the connection have no place.
    void on(const Incoming<WireEvent::FrameImage>& event) {
        if (!state_.has_data_ahead) throw PeerError("a frame image without its data");
        state_.has_data_ahead = false;
        const auto frame =
            static_cast<std::int64_t>(std::uint64_t{event.get<"frame">()} - state_.welcome.frames_so_far + 1);
        if (state_.welcome.is_on_demand && frame <= 1) return;
        if (frame <= 0) throw PeerError("an image of a frame that is none");
        state_.take(events::CapturedImage{static_cast<std::uint32_t>(frame), event.get<"width">(),
                                          event.get<"height">(), event.get<"flip">() != 0, data_},
                    "frame images that there is no room for");
    }

private:
    DecoderState& state_;
    std::string data_;
};

}  // namespace tracypy::protocol::kinds
