// Connecting to a program that listens somewhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "io/socket.hpp"

namespace tracypy::io {

/// The addresses of one host, with a port.
class PeerAddresses {
public:
    /// A numeric address or a name; throws base::ValueError when there is no such host.
    PeerAddresses(const std::string& host, std::uint16_t port);

    std::size_t size() const noexcept { return entries_.size(); }
    /// The way there does not leave this machine. What answers may still be elsewhere, through a tunnel.
    bool is_loopback(std::size_t index) const noexcept;

    /// Begins to connect to the one of that index: a socket that becomes writable when it is connected, or cannot be.
    /// Invalid when that is known at once.
    Socket start(std::size_t index) const noexcept;

private:
    struct Entry {
        std::string bytes;  // a sockaddr
        int family;
    };
    std::vector<Entry> entries_;
};

/// Of a socket that start() made and that has become writable: whether it is connected.
bool is_connected(const Socket& socket) noexcept;

}  // namespace tracypy::io
