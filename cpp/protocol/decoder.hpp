// Events of a captured program in, the vocabulary out: the other end of encoder.hpp.
//
// Each kind of event has a decoder of its own (kinds/). An event that none of them takes has no place in the
// vocabulary; it still moves its time reference, and still asks what a real viewer asks for it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>

#include "protocol/decoder_state.hpp"
#include "protocol/kinds/app_info.hpp"
#include "protocol/kinds/captured_callstacks.hpp"
#include "protocol/kinds/captured_gpu.hpp"
#include "protocol/kinds/captured_images.hpp"
#include "protocol/kinds/captured_locks.hpp"
#include "protocol/kinds/captured_machine.hpp"
#include "protocol/kinds/conversation.hpp"
#include "protocol/kinds/frame_marks.hpp"
#include "protocol/kinds/memory.hpp"
#include "protocol/kinds/messages.hpp"
#include "protocol/kinds/plots.hpp"
#include "protocol/kinds/sections.hpp"
#include "protocol/kinds/threads.hpp"
#include "protocol/kinds/zones.hpp"

namespace tracypy::protocol {

/// One thread. Any input is safe: what makes no sense is a PeerError, and all before it has reached the sink.
class Decoder {
public:
    Decoder(const Dialect& dialect, const Welcome& welcome, base::Names& names, PendingQueries& queries,
            events::EventSink& sink, events::CapturedSink* captured = nullptr);

    /// The events of one block.
    void block(std::span<const char> events);

    /// Names that were never answered get a placeholder. Nothing may follow.
    void finish() { state_.names.finish(); }
    /// Nobody waits any longer for what was not answered. Names read as such; texts of sources are missed.
    void give_up() {
        for (std::size_t left = state_.names.sources().unanswered(); left != 0; --left) {
            state_.unsupported.count_misfit("texts of sources that the program did not send");
        }
    }

    bool terminated() const noexcept { return kind<kinds::ConversationDecoder>().has_terminated(); }
    bool crashed() const noexcept { return kind<kinds::ConversationDecoder>().has_crashed(); }
    std::uint64_t open_zones() const noexcept { return state_.threads.open_zones(); }
    /// A text or a location was sent ahead, and what it belongs to is still to come.
    bool is_within_event() const noexcept { return state_.is_within_event(); }

    std::uint32_t look_up(std::uint64_t address) { return state_.callstacks.index_of(address); }
    /// As DecoderState::bytes().
    std::size_t bytes() const noexcept { return state_.bytes(); }

    std::uint64_t zones() const noexcept { return kind<kinds::ZoneDecoder>().zones(); }
    std::uint64_t frames() const noexcept { return kind<kinds::FrameMarkDecoder>().frames(); }
    /// The last time seen.
    base::Ticks last_tick() const noexcept { return state_.last_tick(); }
    const UnsupportedCounts& unsupported_events() const noexcept { return state_.unsupported; }

private:
    /// A new kind is one line here.
    using Kinds = std::tuple<kinds::ZoneDecoder, kinds::FrameMarkDecoder, kinds::MessageDecoder, kinds::PlotDecoder,
                             kinds::MemoryDecoder, kinds::ThreadDecoder, kinds::AppInfoDecoder, kinds::SectionDecoder,
                             kinds::LockDecoder, kinds::GpuDecoder, kinds::FrameImageDecoder, kinds::CallstackDecoder,
                             kinds::MachineDecoder, kinds::ConversationDecoder>;

    template <typename Kind>
    const Kind& kind() const noexcept {
        return std::get<Kind>(kinds_);
    }
    template <WireEvent kEvent>
    static void handle(Decoder& decoder, const char* body, std::string_view tail);
    void decode(const char* cursor, const char* end);

    DecoderState state_;
    Kinds kinds_;
};

}  // namespace tracypy::protocol
