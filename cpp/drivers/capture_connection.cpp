#include "drivers/capture_connection.hpp"

#include <algorithm>

#include "base/clock.hpp"

namespace tracypy::drivers {
namespace {

using State = protocol::ViewerSession::State;
using Status = io::Transfer::Status;

/// Unpacked, before whoever takes what has come is heard; and what is unpacked in one go, packed.
constexpr std::size_t kMostAtOnce = std::size_t{1} << 20, kPieceBytes = 8'192;
constexpr std::int64_t kConnectNs = 3'000'000'000;  // then the host's next address

std::span<const protocol::Dialect> wanted(std::uint32_t protocol) {
    if (protocol == 0) return protocol::dialects();
    const protocol::Dialect* const only = protocol::find_dialect(protocol);
    if (only == nullptr) {
        throw base::ValueError(
            base::problem<base::ErrorCode::UnknownProtocol>(protocol, protocol::describe_supported_releases()));
    }
    return {only, 1};
}

}  // namespace

CaptureConnection::CaptureConnection(const CaptureConfig& config, base::Names& names, events::EventSink& sink,
                                     events::CapturedSink* captured, int slice_ms)
    : names_(names),
      sink_(sink),
      captured_(captured),
      slice_ms_(slice_ms),
      addresses_(config.address, config.port),
      untried_(wanted(config.protocol)),
      dialect_(&untried_.back()),
      place_(config.address + ":" + std::to_string(config.port)),
      bytes_(kReadBytes) {}

/// The newest first: they tell the most.
void CaptureConnection::next_protocol() {
    untried_ = untried_.first(untried_.size() - 1);
    if (untried_.empty()) {
        throw CaptureError(
            base::problem<base::ErrorCode::ForeignProtocol>(place_, protocol::describe_supported_releases()));
    }
    dialect_ = &untried_.back();
}

bool CaptureConnection::connect() {
    if (!socket_.valid()) {
        socket_ = addresses_.start(address_);
        connected_ = false;
        started_ns_ = base::monotonic_ns();
    }
    bool failed = !socket_.valid();
    if (!failed) {
        poller_.clear();
        poller_.add(socket_.handle(), false, true);
        poller_.wait(slice_ms_);
        if (poller_.writable(0)) {
            if (io::is_connected(socket_)) return connected_ = true;
            failed = true;
        }
    }
    if (failed || base::monotonic_ns() - started_ns_ > kConnectNs) {
        socket_.close();
        address_ = (address_ + 1) % addresses_.size();
        poller_.clear();
        if (address_ == 0) poller_.wait(slice_ms_);  // all were tried: not again at once
    }
    return false;
}

CaptureConnection::Step CaptureConnection::knock() {
    // Its clock is worked out from how long the answer takes, so that one is waited for.
    constexpr int kAnswerMs = 20;
    const bool is_new = !connected_;
    if (is_new) {
        if (!connect()) return Step::NobodyListens;
        session_ = std::make_unique<protocol::ViewerSession>(*dialect_, names_, sink_, captured_);
        taken_ = got_ = 0;
        asked_tick_ = base::now_ticks();
    }
    exchange(is_new ? std::max(slice_ms_, kAnswerMs) : slice_ms_);
    if (session_->welcome()) welcomed_tick_ = base::now_ticks();
    if (session_->welcome()) return Step::Welcomed;  // and more may have come with it, even the end
    switch (session_->state()) {
        case State::Mismatch:
            next_protocol();
            break;
        case State::Refused:
        case State::Failed:
            throw CaptureError(base::problem<base::ErrorCode::CaptureRefused>(place_, session_->problem()));
        case State::Lost:  // it may just be going: another program may take its place
            break;
        default:
            return Step::NoAnswer;
    }
    const bool was_lost = session_->state() == State::Lost;
    socket_.close();
    connected_ = false;
    if (was_lost) {
        poller_.clear();
        poller_.wait(slice_ms_);
    }
    return was_lost ? Step::NobodyListens : Step::NoAnswer;
}

void CaptureConnection::send() {
    protocol::OutputBuffer& output = session_->output();
    while (!output.empty()) {
        const io::Transfer sent = socket_.send(output.pending());
        if (sent.status == Status::Closed) output.clear();  // what it still said can be read all the same
        if (sent.status != Status::Ok) return;
        output.consume(sent.bytes);
    }
}

bool CaptureConnection::receive() {
    const std::uint64_t most = session_->progress().raw_bytes + kMostAtOnce;
    bool any = false;
    while (!session_->has_ended() && session_->progress().raw_bytes < most) {
        if (!has_rest()) {
            const io::Transfer got = socket_.receive(bytes_);
            if (got.status == Status::WouldBlock) break;
            if (got.status == Status::Closed) {
                session_->end_of_stream();
                break;
            }
            taken_ = 0;
            got_ = got.bytes;
        }
        any = true;
        const std::size_t piece = std::min(kPieceBytes, got_ - taken_);
        session_->receive(std::span(bytes_).subspan(taken_, piece));
        taken_ += piece;
        if (!has_rest()) send();
    }
    return any;
}

bool CaptureConnection::exchange(int longest_ms) {
    send();
    if (has_rest()) return receive();
    poller_.clear();
    add_to(poller_);
    poller_.wait(longest_ms);
    return poller_.readable(0) && receive();
}

void CaptureConnection::close() {
    send();
    socket_.close();
}

}  // namespace tracypy::drivers
