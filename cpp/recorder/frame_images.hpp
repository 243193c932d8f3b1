// Pictures of frames, on their way: as the program gives them, until the drain makes them small.
//
// Whoever gives a picture has it copied, and goes on. The drain, a thread of its own, scales and compresses one at a
// time. Memory is bounded: what comes while too many wait is left out, and counted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "base/clock.hpp"
#include "events/event_sink.hpp"
#include "recorder/drop_policy.hpp"

namespace tracypy::recorder {

/// Rows of pixels, each of `channels` bytes: 1 for grey, 3 for red, green and blue, 4 for these and one that is
/// ignored.
struct Picture {
    std::unique_ptr<std::uint8_t[]> pixels;
    unsigned width, height, channels;

    std::size_t bytes() const noexcept { return std::size_t{width} * height * channels; }
};

/// `mutex_` guards everything; it is not held while a picture is made small.
class FrameImages {
public:
    /// Of one picture, and of all that wait.
    static constexpr std::size_t kMostBytes = std::size_t{64} << 20;
    static constexpr std::size_t kMostWaiting = 8;
    /// Of the longer and the shorter side of what is sent: as large as viewers draw it.
    static constexpr unsigned kLongSide = 320, kShortSide = 180;

    explicit FrameImages(DropPolicy& policy) noexcept : policy_(policy) {}

    /// Whether one of that size is to be copied now. If not, that is counted.
    bool has_room(std::size_t bytes) noexcept;
    /// Of the frame that lasts now, or so many before it. Any thread.
    void put(Picture&& picture, std::uint32_t offset, bool is_flipped) noexcept;

    /// The drain: hands on one, if there is one; returns how many words that was worth. All marks up to now have been
    /// handed on before.
    std::size_t hand_on(events::EventSink& sink);
    /// A session begins.
    void clear() noexcept;

    void lock() { mutex_.lock(); }  // around a fork
    void unlock() { mutex_.unlock(); }

private:
    struct Waiting {
        Picture picture;
        base::Ticks ticks;
        std::uint32_t offset;
        bool is_flipped;
    };

    DropPolicy& policy_;
    std::mutex mutex_;
    std::deque<Waiting> waiting_;
    std::size_t bytes_ = 0;  // of those that wait
};

}  // namespace tracypy::recorder
