#include "protocol/decoder_state.hpp"

#include <algorithm>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol {
namespace {

// The header of an event has 60 bits for a time; a viewer has room for 2^47 ns.
constexpr std::uint64_t kLargestTick = std::uint64_t{1} << 59;

}  // namespace

base::Ticks DecoderState::past_tick(std::int64_t tick) const {
    const std::uint64_t ticks = static_cast<std::uint64_t>(tick) - static_cast<std::uint64_t>(welcome.first_tick);
    if (static_cast<std::int64_t>(ticks) < 0) return 0;
    if (ticks > kLargestTick) throw PeerError("a time that cannot be: tick " + std::to_string(tick));
    return static_cast<base::Ticks>(ticks);
}

base::Ticks DecoderState::since_start(std::int64_t tick) {
    const base::Ticks ticks = past_tick(tick);
    last_tick_ = std::max(last_tick_, ticks);
    return ticks;
}

void DecoderState::select(std::uint32_t thread) {
    times_.select_thread();
    if (has_thread_ && thread == thread_) return;
    has_thread_ = true;
    thread_ = thread;
    row_ = threads.find(thread);
}

void DecoderState::notice_selected(const char* needed_by) {
    if (!has_thread_) throw PeerError(std::string(needed_by) + " before any thread was named");
    row_ = &threads.notice(thread_);
}

std::string DecoderState::take_text(const char* needed_by) {
    if (!has_text_) throw PeerError(std::string(needed_by) + " without its text");
    has_text_ = false;
    return std::move(text_);
}

std::string DecoderState::take_second_text(const char* needed_by) {
    if (!has_second_text_) throw PeerError(std::string(needed_by) + " without its second text");
    has_second_text_ = false;
    return std::move(second_text_);
}

base::SourceLocationId DecoderState::take_location() {
    if (!has_location_) throw PeerError("a zone without its source location");
    has_location_ = false;
    return location_;
}

}  // namespace tracypy::protocol
