#include "io/listener.hpp"

#include <cstring>

#include "base/error.hpp"
#include "io/native.hpp"

namespace tracypy::io {
namespace {

constexpr int kBacklog = 16;

native::AddressList look_up(const std::string& address, int family) {
    addrinfo hints{};
    hints.ai_family = family;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    if (getaddrinfo(address.c_str(), nullptr, &hints, &found) != 0) return nullptr;
    return native::AddressList(found);
}

bool is_loopback(const sockaddr* address) noexcept {
    if (address->sa_family == AF_INET) {
        return (ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr) >> 24) == 127;
    }
    return IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr) != 0;
}

std::uint32_t ipv4_of(const sockaddr* address) noexcept {
    return reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr;
}

/// Returns the error, 0 for none.
int bind_and_listen(const Socket& socket, std::string address, int family, bool accepts_ipv4, std::uint16_t port) {
    const Handle handle = socket.handle();
    const std::uint16_t network_order = htons(port);
    const std::size_t offset = family == AF_INET ? offsetof(sockaddr_in, sin_port) : offsetof(sockaddr_in6, sin6_port);
    std::memcpy(address.data() + offset, &network_order, sizeof(network_order));

    if (family == AF_INET6) native::set_option(handle, IPPROTO_IPV6, IPV6_V6ONLY, accepts_ipv4 ? 0 : 1);
#if defined(_WIN32)
    // There, SO_REUSEADDR would let two programs share a port.
    native::set_option(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
#else
    // Connections of an earlier run may still linger on the port.
    native::set_option(handle, SOL_SOCKET, SO_REUSEADDR, 1);
#endif
    const auto* const generic = reinterpret_cast<const sockaddr*>(address.data());
    if (bind(native::raw(handle), generic, static_cast<native::SockLength>(address.size())) != 0 ||
        listen(native::raw(handle), kBacklog) != 0) {
        return native::last_error();
    }
    return 0;
}

}  // namespace

ListenAddresses::ListenAddresses(const std::string& address, bool only_ipv4) {
    native::ensure_sockets();
    std::vector<std::string> wanted{address};
    if (address.empty()) wanted = {"127.0.0.1", "::1"};
    if (address == "::" && only_ipv4) wanted = {"0.0.0.0"};
    text_ = address.empty() ? "the loopback" : wanted[0];
    for (const std::string& host : wanted) {
        const native::AddressList list = look_up(host, only_ipv4 ? AF_INET : AF_UNSPEC);
        for (const addrinfo* found = list.get(); found != nullptr; found = found->ai_next) {
            if (found->ai_family != AF_INET && found->ai_family != AF_INET6) continue;
            const bool accepts_ipv4 = host == "::";
            entries_.push_back({std::string(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen),
                                found->ai_family, accepts_ipv4});
            loopback_only_ = loopback_only_ && is_loopback(found->ai_addr);
            if (found->ai_family == AF_INET) ipv4_.push_back(ipv4_of(found->ai_addr));
            if (accepts_ipv4) ipv4_.push_back(htonl(INADDR_ANY));
        }
    }
    if (entries_.empty()) {
        throw base::ValueError(
            {only_ipv4 ? base::ErrorCode::NoSuchIpv4Address : base::ErrorCode::NoSuchAddress, {address}});
    }
}

std::vector<Socket> listen_on(const ListenAddresses& addresses, std::uint16_t port) {
    std::vector<Socket> sockets;
    int error = 0;
    for (const auto& entry : addresses.entries_) {
        Socket socket = native::make_socket(entry.family, SOCK_STREAM);
        error = socket.valid() ? bind_and_listen(socket, entry.bytes, entry.family, entry.accepts_ipv4, port)
                               : native::last_error();
        if (error == 0) {
            sockets.push_back(std::move(socket));
        } else if (native::is_taken(error)) {
            return {};
        } else if (error != native::kNoFamily && error != native::kNotAvailable) {
            break;
        }
    }
    const bool some_are_missing = error == native::kNoFamily || error == native::kNotAvailable;
    if (sockets.empty() || (error != 0 && !some_are_missing)) {
        throw base::SystemError(
            error, base::problem<base::ErrorCode::CannotListen>(addresses.text(), port, native::text_of_error(error)));
    }
    return sockets;
}

Accepted accept_from(const Socket& listener) noexcept {
    if (!listener.is_own()) return {Accepted::Status::Nobody, Socket()};
    for (;;) {
        Socket socket = native::accept_next(listener.handle());
        if (socket.valid()) {
            // Answers are small and the viewer waits for them.
            native::set_option(socket.handle(), IPPROTO_TCP, TCP_NODELAY, 1);
            return {Accepted::Status::Ok, std::move(socket)};
        }
        const int error = native::last_error();
        if (native::interrupted(error)) continue;
        if (native::out_of_descriptors(error)) return {Accepted::Status::OutOfDescriptors, Socket()};
        return {Accepted::Status::Nobody, Socket()};  // also one that hung up before it was accepted
    }
}

}  // namespace tracypy::io
