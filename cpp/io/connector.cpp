#include "io/connector.hpp"

#include <cstring>

#include "base/error.hpp"
#include "io/native.hpp"

namespace tracypy::io {
namespace {

#if defined(_WIN32)
constexpr int kUnderWay = WSAEWOULDBLOCK;
#else
constexpr int kUnderWay = EINPROGRESS;
#endif

}  // namespace

PeerAddresses::PeerAddresses(const std::string& host, std::uint16_t port) {
    native::ensure_sockets();
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int error = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    const native::AddressList owner(list);
    for (const addrinfo* found = list; error == 0 && found != nullptr; found = found->ai_next) {
        if (found->ai_family != AF_INET && found->ai_family != AF_INET6) continue;
        entries_.push_back(
            {std::string(reinterpret_cast<const char*>(found->ai_addr), found->ai_addrlen), found->ai_family});
    }
    if (entries_.empty()) throw base::ValueError(base::problem<base::ErrorCode::UnknownHost>(host));
}

bool PeerAddresses::is_loopback(std::size_t index) const noexcept {
    const Entry& entry = entries_[index];
    if (entry.family == AF_INET && entry.bytes.size() >= sizeof(sockaddr_in)) {
        sockaddr_in address{};
        std::memcpy(&address, entry.bytes.data(), sizeof(address));
        constexpr std::uint32_t kLoopback = 127;
        return ntohl(address.sin_addr.s_addr) >> 24 == kLoopback;
    }
    if (entry.family == AF_INET6 && entry.bytes.size() >= sizeof(sockaddr_in6)) {
        sockaddr_in6 address{};
        std::memcpy(&address, entry.bytes.data(), sizeof(address));
        return std::memcmp(&address.sin6_addr, &in6addr_loopback, sizeof(in6addr_loopback)) == 0;
    }
    return false;
}

Socket PeerAddresses::start(std::size_t index) const noexcept {
    const Entry& entry = entries_[index];
    Socket socket = native::make_socket(entry.family, SOCK_STREAM);
    if (!socket.valid()) return socket;
    native::set_option(socket.handle(), IPPROTO_TCP, TCP_NODELAY, 1);
    const auto* const address = reinterpret_cast<const sockaddr*>(entry.bytes.data());
    const auto size = static_cast<native::SockLength>(entry.bytes.size());
    if (::connect(native::raw(socket.handle()), address, size) == 0) return socket;
    const int error = native::last_error();
    if (error != kUnderWay && !native::interrupted(error)) socket.close();
    return socket;
}

bool is_connected(const Socket& socket) noexcept {
    int error = 0;
    native::SockLength size = sizeof(error);
    return getsockopt(native::raw(socket.handle()), SOL_SOCKET, SO_ERROR, reinterpret_cast<char*>(&error), &size) ==
               0 &&
           error == 0;
}

}  // namespace tracypy::io
