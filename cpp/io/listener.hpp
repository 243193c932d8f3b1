// Where to listen, and doing it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "io/socket.hpp"

namespace tracypy::io {

/// A set of addresses of this machine to listen on, without the port.
class ListenAddresses {
public:
    /// An empty `address` is the loopback in both families; "0.0.0.0" all of IPv4; "::" everything, IPv4 included;
    /// anything else a numeric address or a name of this machine. `only_ipv4` leaves IPv6 out. Throws
    /// base::ValueError when that is not an address.
    ListenAddresses(const std::string& address, bool only_ipv4);

    /// True when only this machine can connect.
    bool loopback_only() const noexcept { return loopback_only_; }
    /// The IPv4 addresses among them, in network order; 0 stands for all.
    const std::vector<std::uint32_t>& ipv4() const noexcept { return ipv4_; }
    /// What was asked for, for messages.
    const std::string& text() const noexcept { return text_; }

private:
    friend std::vector<Socket> listen_on(const ListenAddresses& addresses, std::uint16_t port);

    struct Entry {
        std::string bytes;  // a sockaddr
        int family;
        bool accepts_ipv4;  // "::": IPv4 comes in over the same socket
    };
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> ipv4_;
    std::string text_;
    bool loopback_only_ = true;
};

/// Listens on all of the addresses that exist on this machine (IPv6 may be switched off), with one port. Empty when the
/// port is taken on one of them; throws base::SystemError for everything else.
std::vector<Socket> listen_on(const ListenAddresses& addresses, std::uint16_t port);

struct Accepted {
    enum class Status : std::uint8_t { Ok, Nobody, OutOfDescriptors };
    Status status;
    Socket socket;  // with Ok
};

Accepted accept_from(const Socket& listener) noexcept;

}  // namespace tracypy::io
