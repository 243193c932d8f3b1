// One message to whoever listens on a UDP port nearby.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "io/socket.hpp"

namespace tracypy::io {

/// Sends over IPv4. One thread.
class DatagramSender {
public:
    /// To this machine only.
    static DatagramSender to_loopback(std::uint16_t port);
    /// To all on the networks of the interfaces that have one of these addresses (in network order; 0 stands for every
    /// interface), this machine included.
    static DatagramSender to_networks_of(const std::vector<std::uint32_t>& ipv4, std::uint16_t port);

    /// Best effort: nobody may be listening, a network may be down.
    void send(std::span<const char> bytes) noexcept;
    void close() noexcept { socket_.close(); }

private:
    DatagramSender(std::vector<std::uint32_t> addresses, std::uint16_t port);

    Socket socket_;
    std::vector<std::uint32_t> addresses_;  // in network order
    std::uint16_t port_;
};

}  // namespace tracypy::io
