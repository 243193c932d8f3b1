// Pictures of frames.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "events/event_sink.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

/// Pictures as trace files have them; on the wire, the bits of a pixel count otherwise.
std::string in_file_order(std::string_view dxt1);

/// What goes to one viewer: one picture for a frame at most, and none for what is no frame of its session. A viewer
/// gives the connection up at anything else. One thread.
class FrameImageWriter {
public:
    /// Pictures of older frames than these are left out: far more than can be on their way.
    static constexpr std::size_t kMostFrames = 65'536;

    enum class Verdict : std::uint8_t { Sent, NoFrame, Twice };

    explicit FrameImageWriter(Encoder& encoder) noexcept : encoder_(encoder) {}

    /// The program has made so many marks of the default set before this session.
    void start(std::uint64_t frames_so_far) noexcept { before_ = frames_so_far; }
    /// A mark of the default set has been sent; `tick`: as it was made.
    void mark(base::Ticks tick);
    Verdict write(const events::FrameImage& image);

private:
    struct Frame {
        base::Ticks begin;
        bool has_image;
    };

    Encoder& encoder_;
    std::uint64_t before_ = 0;  // frames: before the session, and forgotten ones of it
    std::deque<Frame> frames_;
};

}  // namespace tracypy::protocol::kinds
