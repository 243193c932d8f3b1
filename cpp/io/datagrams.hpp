// One message to whoever listens on a UDP port nearby, and hearing them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
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

    /// Best effort: there may be no listener, or no network.
    void send(std::span<const char> bytes) noexcept;
    void close() noexcept { socket_.close(); }

private:
    DatagramSender(std::vector<std::uint32_t> addresses, std::uint16_t port);
    void open() noexcept;

    Socket socket_;
    std::vector<std::uint32_t> addresses_;  // in network order
    std::uint16_t port_;
};

/// Hears what is sent over IPv4 to a port of this machine. One thread.
class DatagramReceiver {
public:
    /// Others may hear the same port at the same time. Throws base::SystemError when it cannot be had.
    explicit DatagramReceiver(std::uint16_t port);

    io::Handle handle() const noexcept { return socket_.handle(); }

    struct Datagram {
        std::string sender;  // "192.168.1.7"
        std::string bytes;
    };
    /// What has come in; nothing when that is nothing.
    std::optional<Datagram> receive();

private:
    Socket socket_;
};

}  // namespace tracypy::io
