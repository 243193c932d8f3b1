// A connection and the session that speaks over it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/names.hpp"
#include "io/socket.hpp"
#include "protocol/client_session.hpp"

namespace tracypy::drivers {

/// One thread. Times are base::monotonic_ns().
class ViewerLink {
public:
    /// No more is asked of the session while this much waits to be sent.
    static constexpr std::size_t kOutputBytes = 1024 * 1024;

    ViewerLink(io::Socket socket, const base::Names& names, std::int64_t now_ns);

    protocol::ClientSession& session() noexcept { return session_; }
    const std::string& peer() const noexcept { return peer_; }
    io::Handle handle() const noexcept { return socket_.handle(); }

    /// Within this machine bytes are cheaper than the time to make them fewer.
    protocol::Packing packing() const noexcept { return packing_; }

    bool wants_to_read() noexcept { return !output_is_full(); }
    bool wants_to_write() noexcept { return !session_.output().empty(); }
    bool output_is_full() noexcept { return session_.output().size() >= kOutputBytes; }

    /// Hands the session what has come in, as long as there is room for the answers.
    void receive(std::int64_t now_ns);
    /// Sends what the connection takes.
    void send(std::int64_t now_ns);
    /// Sees progress also when all is sent: the system holds megabytes, over which a slow viewer takes its time.
    void look_for_progress(std::int64_t now_ns) noexcept;

    /// The connection is gone. What had come in before was handed on.
    bool lost() const noexcept { return lost_; }
    bool heard_anything() const noexcept { return heard_anything_; }
    std::int64_t connected_ns() const noexcept { return connected_ns_; }
    /// When the peer last took or said something.
    std::int64_t last_progress_ns() const noexcept { return last_progress_ns_; }
    std::int64_t last_sent_ns() const noexcept { return last_sent_ns_; }
    void close() noexcept { socket_.close(); }

private:
    io::Socket socket_;
    protocol::ClientSession session_;
    std::string peer_;
    protocol::Packing packing_;
    std::int64_t connected_ns_;
    std::int64_t last_progress_ns_;
    std::int64_t last_sent_ns_;
    std::size_t under_way_bytes_ = 0;
    bool lost_ = false;
    bool heard_anything_ = false;
};

}  // namespace tracypy::drivers
