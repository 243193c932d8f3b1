#include "protocol/decoder_state.hpp"

#include "protocol/peer_error.hpp"

namespace tracypy::protocol {

void DecoderState::refuse_time(std::int64_t tick) {
    throw PeerError("a time that cannot be: tick " + std::to_string(tick));
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
