// Frame marks, in and out.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "events/event.hpp"
#include "protocol/decoder_state.hpp"
#include "protocol/encoder.hpp"

namespace tracypy::protocol::kinds {

void write_frame_mark(Encoder& encoder, const events::FrameMark& mark);

/// One thread.
class FrameMarkDecoder {
public:
    explicit FrameMarkDecoder(DecoderState& state) : state_(state) { sets_.emplace(0, Set{}); }

    void on(const Incoming<WireEvent::FrameMarkMsg>& event);
    void on(const Incoming<WireEvent::FrameMarkMsgStart>& event);
    void on(const Incoming<WireEvent::FrameMarkMsgEnd>& event);
    void on(const Incoming<WireEvent::FrameVsync>& event);

    std::uint64_t frames() const noexcept { return frames_; }

private:
    struct Set {
        base::StringId name = base::StringId::None;
        bool is_continuous = true;
        bool is_open = false;
    };

    void add(events::FrameMarkKind kind, base::Ticks tick, std::uint64_t name);

    DecoderState& state_;
    std::unordered_map<std::uint64_t, Set> sets_;
    std::unordered_map<std::uint32_t, base::StringId> screens_;
    std::uint64_t frames_ = 0;
};

}  // namespace tracypy::protocol::kinds
