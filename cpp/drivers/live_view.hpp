// A program that is looked at while it runs: connects as a viewer does, and keeps sums.
//
//     Connecting, Knocking (as CaptureProgress) --> Receiving --> Ended
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "drivers/capture_connection.hpp"
#include "drivers/live_sums.hpp"

namespace tracypy::drivers {

/// Any thread, one after the other.
class LiveView {
public:
    enum class State : std::uint8_t {
        Connecting,  // no program listens there
        Knocking,    // somebody does, and says nothing: it may be busy with another viewer
        Receiving,
        Ended,
    };

    /// `protocol`: 0 for whichever of ours the program speaks. Throws base::ValueError for an unknown host or protocol.
    LiveView(const std::string& address, std::uint16_t port, std::uint32_t protocol);

    /// Works for so long, or until the state is another one. Throws CaptureError when the program is none that can be
    /// looked at.
    State step(double seconds);
    /// Takes leave of the program.
    void leave();

    State state() const {
        const std::lock_guard lock(mutex_);
        return state_;
    }
    /// One line, when the program ended before its time.
    std::string problem() const {
        const std::lock_guard lock(mutex_);
        return problem_;
    }
    /// Empty and 0 before it has answered.
    std::string program() const;
    std::uint32_t protocol() const;
    LiveSnapshot snapshot();

private:
    /// Of what it tells of its machine code, which is not shown.
    static constexpr std::size_t kMostNativeBytes = std::size_t{256} << 20;

    void knock();
    void receive();
    bool has_answered() const noexcept { return state_ == State::Receiving || state_ == State::Ended; }

    mutable std::mutex mutex_;
    base::Names names_;
    LiveSums sums_;
    CaptureConnection connection_;
    State state_ = State::Connecting;
    std::string problem_;
    std::int64_t silent_since_ns_ = 0;
    std::int64_t heard_ns_ = 0;
};

}  // namespace tracypy::drivers
