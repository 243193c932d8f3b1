#include "protocol/viewer_session.hpp"

#include <utility>

#include "protocol/peer_error.hpp"

namespace tracypy::protocol {

ViewerSession::ViewerSession(const Dialect& dialect, base::Names& names, events::EventSink& sink,
                             events::CapturedSink* captured)
    : dialect_(dialect), names_(names), sink_(sink), captured_(captured) {
    const std::string greeting = make_greeting(dialect);
    output_.append(greeting.data(), greeting.size());
}

ViewerSession::~ViewerSession() = default;

void ViewerSession::end(State state, std::string problem) {
    if (decoder_ != nullptr) decoder_->finish();
    state_ = state;
    problem_ = std::move(problem);
}

void ViewerSession::ask(QueryKind kind) {
    const std::string query = make_query({kind, 0, 0});
    output_.append(query.data(), query.size());
}

void ViewerSession::receive(std::span<const char> bytes) {
    try {
        if (state_ == State::Greeting) {
            input_.append(bytes.data(), bytes.size());
            receive_greeting();
        } else if (state_ == State::Streaming) {
            blocks_.feed(bytes);
        }
        if (state_ == State::Streaming) receive_blocks();
    } catch (const PeerError& error) {
        ask(QueryKind::Terminate);
        end(State::Failed,
            std::string("the program sent ") + error.what() + " (protocol " + std::to_string(dialect_.protocol) + ")");
    }
}

void ViewerSession::receive_greeting() {
    if (input_.empty()) return;
    const auto status = static_cast<HandshakeStatus>(input_[0]);
    if (status == HandshakeStatus::ProtocolMismatch) return end(State::Mismatch, {});
    if (status == HandshakeStatus::NotAvailable || status == HandshakeStatus::Dropped) {
        return end(State::Refused, "the program accepts no viewer now; it may have had one already");
    }
    if (status != HandshakeStatus::Welcome) {
        return end(State::Refused, "what listens there is not a program with Tracy");
    }
    const std::size_t whole = 1 + welcome_bytes(dialect_);
    if (input_.size() < whole) return;
    Welcome welcome = parse_welcome(dialect_, std::span(input_).subspan(1, whole - 1));
    std::size_t used = whole;
    if (welcome.is_on_demand) {
        used += kOnDemandBytes;
        if (input_.size() < used) return;
        parse_on_demand(std::span<const char, kOnDemandBytes>(input_.data() + whole, kOnDemandBytes), welcome);
    }
    decoder_ = std::make_unique<Decoder>(dialect_, welcome, names_, queries_, sink_, captured_);
    welcome_ = std::move(welcome);
    state_ = State::Streaming;
    blocks_.feed(std::span<const char>(input_).subspan(used));
    input_ = {};
}

void ViewerSession::receive_blocks() {
    while (const auto events = blocks_.next()) {
        decoder_->block(*events);
        queries_.send(output_);
        if (!everything_is_there()) continue;
        if (!stopping_ && !decoder_->crashed() && decoder_->open_zones() != 0) continue;
        return leave();
    }
}

bool ViewerSession::everything_is_there() const noexcept {
    return decoder_ != nullptr && decoder_->terminated() && queries_.empty() && !decoder_->is_within_event();
}

bool ViewerSession::waits_for_little() const noexcept {
    if (state_ != State::Streaming || decoder_ == nullptr || !decoder_->terminated()) return false;
    return everything_is_there() || (queries_.waits_for_sources_only() && !decoder_->is_within_event());
}

void ViewerSession::stop() {
    if (state_ != State::Streaming || std::exchange(stopping_, true)) return;
    if (everything_is_there()) return leave();
    ask(QueryKind::Disconnect);
}

void ViewerSession::set_parameter(std::uint32_t index, std::int32_t value) {
    if (state_ != State::Streaming) return;
    queries_.set_parameter(index, value);
    queries_.send(output_);
}

std::uint32_t ViewerSession::look_up(std::uint64_t address) {
    const std::uint32_t place = decoder_->look_up(address);
    queries_.send(output_);
    return place;
}

std::size_t ViewerSession::bytes() const noexcept {
    return names_.bytes() + names_.native.body_bytes + queries_.bytes() + (decoder_ != nullptr ? decoder_->bytes() : 0);
}

void ViewerSession::leave() {
    if (has_ended()) return;
    ask(QueryKind::Terminate);
    if (decoder_ != nullptr) decoder_->give_up();
    end(State::Done, {});
}

void ViewerSession::end_of_stream() {
    if (has_ended()) return;
    const bool is_early = state_ == State::Greeting;
    end(State::Lost, is_early ? "the program closed the connection instead of welcoming a viewer"
                              : "the connection to the program ended before it had said goodbye");
}

ViewerSession::Progress ViewerSession::progress() const noexcept {
    Progress progress;
    progress.packed_bytes = blocks_.packed_bytes();
    progress.raw_bytes = blocks_.raw_bytes();
    if (decoder_ != nullptr) {
        progress.zones = decoder_->zones();
        progress.frames = decoder_->frames();
        progress.last_tick = decoder_->last_tick();
    }
    return progress;
}

std::vector<UnsupportedEvents> ViewerSession::unsupported_events() const {
    return decoder_ != nullptr ? decoder_->unsupported_events().list() : std::vector<UnsupportedEvents>{};
}

}  // namespace tracypy::protocol
