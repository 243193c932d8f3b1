// Connecting to a program with the right protocol: it answers to one only, and tells of a mismatch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "drivers/capture.hpp"
#include "events/captured.hpp"
#include "events/event_sink.hpp"
#include "io/connector.hpp"
#include "io/poller.hpp"
#include "io/socket.hpp"
#include "protocol/handshake.hpp"
#include "protocol/viewer_session.hpp"

namespace tracypy::drivers {

/// One thread. Times are base::monotonic_ns().
class CaptureConnection {
public:
    /// How long a wait lasts at most, and so how long who calls back may have to wait.
    static constexpr int kSliceMs = 100;
    /// A program that has said all but ends of zones will not say them: a real viewer would wait for ever.
    static constexpr std::int64_t kOpenZonesNs = 2'000'000'000;

    /// Without `captured`, what only captured programs have is counted. `slice_ms`: 0 for who comes by often, and does
    /// not wait.
    CaptureConnection(const CaptureConfig& config, base::Names& names, events::EventSink& sink,
                      events::CapturedSink* captured, int slice_ms = kSliceMs);

    enum class Step : std::uint8_t { NobodyListens, NoAnswer, Welcomed };
    /// Waits for a slice at most. Throws CaptureError when the program is none that can be captured.
    Step knock();

    /// Only after Welcomed. Sends what is to be sent, waits for a slice at most and receives; false when nothing came.
    bool exchange() { return exchange(slice_ms_); }
    protocol::ViewerSession& session() noexcept { return *session_; }
    const protocol::ViewerSession& session() const noexcept { return *session_; }
    /// What the program has said of itself; null before Welcomed.
    const protocol::Welcome* welcome() const noexcept {
        return session_ != nullptr && session_->welcome() ? &*session_->welcome() : nullptr;
    }
    /// The program is on this machine, as far as its address tells.
    bool is_local() const noexcept { return addresses_.is_loopback(address_); }
    /// When the program was asked for its welcome, and when that had come, in ticks.
    base::Ticks asked_tick() const noexcept { return asked_tick_; }
    base::Ticks welcomed_tick() const noexcept { return welcomed_tick_; }
    /// What its next exchange() waits for.
    void add_to(io::Poller& poller) const { poller.add(socket_.handle(), true, !session_->output().empty()); }
    /// What is still to be sent, as far as the connection takes it now.
    void close();
    /// In a forked child: the descriptor goes, and nothing is sent.
    void abandon() noexcept { socket_.close(); }

private:
    static constexpr std::size_t kReadBytes = 256 * 1024;

    bool exchange(int longest_ms);
    bool connect();
    bool receive();
    bool has_rest() const noexcept { return taken_ < got_; }
    void next_protocol();
    void send();

    base::Names& names_;
    events::EventSink& sink_;
    events::CapturedSink* captured_;
    int slice_ms_;
    io::PeerAddresses addresses_;
    std::size_t address_ = 0;
    std::span<const protocol::Dialect> untried_;
    const protocol::Dialect* dialect_;
    std::string place_;
    io::Poller poller_;
    io::Socket socket_;
    bool connected_ = false;
    std::int64_t started_ns_ = 0;  // of the attempt
    base::Ticks asked_tick_ = 0, welcomed_tick_ = 0;
    std::vector<char> bytes_;
    std::size_t taken_ = 0, got_ = 0;  // of these
    std::unique_ptr<protocol::ViewerSession> session_;
};

}  // namespace tracypy::drivers
