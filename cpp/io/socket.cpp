#include "io/socket.hpp"

#include <cstring>

#include "base/error.hpp"
#include "io/native.hpp"

namespace tracypy::io {
namespace native {

void ensure_sockets() {
#if defined(_WIN32)
    static const bool started = [] {
        WSADATA data;
        return WSAStartup(MAKEWORD(2, 2), &data) == 0;
    }();
    if (!started) throw base::SystemError(last_error(), base::problem<base::ErrorCode::NoNetwork>());
#endif
}

void make_tame(Handle handle) noexcept {
#if defined(_WIN32)
    u_long yes = 1;
    ioctlsocket(raw(handle), FIONBIO, &yes);
    SetHandleInformation(reinterpret_cast<HANDLE>(handle), HANDLE_FLAG_INHERIT, 0);
#else
    fcntl(raw(handle), F_SETFL, fcntl(raw(handle), F_GETFL, 0) | O_NONBLOCK);
    fcntl(raw(handle), F_SETFD, FD_CLOEXEC);
#if defined(SO_NOSIGPIPE)
    set_option(handle, SOL_SOCKET, SO_NOSIGPIPE, 1);
#endif
#endif
}

Socket make_socket(int family, int type) noexcept {
#if defined(__linux__)
    return Socket(static_cast<Handle>(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)));
#else
    Socket made(static_cast<Handle>(::socket(family, type, 0)));
    if (made.valid()) make_tame(made.handle());
    return made;
#endif
}

Socket accept_next(Handle listener) noexcept {
#if defined(__linux__)
    const int made = ::accept4(raw(listener), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    const bool is_unknown = made < 0 && (last_error() == ENOSYS || last_error() == EPERM);  // in a sandbox
    if (!is_unknown) return Socket(made);
#endif
    Socket taken(static_cast<Handle>(::accept(raw(listener), nullptr, nullptr)));
    if (taken.valid()) make_tame(taken.handle());
    return taken;
}

}  // namespace native

namespace {

#if defined(MSG_NOSIGNAL)
constexpr int kSendFlags = MSG_NOSIGNAL;
#else
constexpr int kSendFlags = 0;
#endif

template <typename Call>
Transfer transfer(Call call) noexcept {
    for (;;) {
        const auto result = call();
        if (result >= 0) return {Transfer::Status::Ok, static_cast<std::size_t>(result)};
        const int error = native::last_error();
        if (native::interrupted(error)) continue;
        if (native::would_block(error)) return {Transfer::Status::WouldBlock, 0};
        return {Transfer::Status::Closed, 0};
    }
}

}  // namespace

void Socket::close() noexcept {
    if (!valid()) return;
#if defined(_WIN32)
    closesocket(native::raw(handle_));
#else
    if (is_own()) ::close(native::raw(handle_));
#endif
    handle_ = kNoHandle;
}

Transfer Socket::send(std::span<const char> bytes) noexcept {
    if (!is_own()) return {Transfer::Status::Closed, 0};
    return transfer([&] {
        return ::send(native::raw(handle_), bytes.data(), static_cast<native::Length>(bytes.size()), kSendFlags);
    });
}

Transfer Socket::receive(std::span<char> into) noexcept {
    if (!is_own()) return {Transfer::Status::Closed, 0};
    const Transfer result = transfer(
        [&] { return ::recv(native::raw(handle_), into.data(), static_cast<native::Length>(into.size()), 0); });
    if (result.status == Transfer::Status::Ok && result.bytes == 0) return {Transfer::Status::Closed, 0};
    return result;
}

std::size_t Socket::bytes_under_way() const noexcept {
#if defined(__linux__)
    int bytes = 0;
    if (ioctl(native::raw(handle_), SIOCOUTQ, &bytes) == 0 && bytes > 0) return static_cast<std::size_t>(bytes);
#endif
    return 0;
}

std::string Socket::peer() const {
    sockaddr_storage address{};
    native::SockLength size = sizeof(address);
    char host[NI_MAXHOST], port[NI_MAXSERV];
    const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
    if (getpeername(native::raw(handle_), reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        getnameinfo(generic, size, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return "an unknown address";
    }
    std::string text;
    const bool is_ipv6 = std::strchr(host, ':') != nullptr;
    if (is_ipv6) text += '[';
    text += host;
    if (is_ipv6) text += ']';
    return text.append(":").append(port);
}

// Loopback or not: between two programs of one machine both ends have the same address.
bool Socket::peer_is_this_machine() const noexcept {
    sockaddr_storage peer{}, own{};
    native::SockLength peer_size = sizeof(peer), own_size = sizeof(own);
    if (getpeername(native::raw(handle_), reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0 ||
        getsockname(native::raw(handle_), reinterpret_cast<sockaddr*>(&own), &own_size) != 0 ||
        peer.ss_family != own.ss_family) {
        return false;
    }
    if (peer.ss_family == AF_INET) {
        const auto of = [](const sockaddr_storage& address) {
            return reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr;
        };
        return of(peer) == of(own);
    }
    const auto of = [](const sockaddr_storage& address) -> const in6_addr& {
        return reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
    };
    return peer.ss_family == AF_INET6 && std::memcmp(&of(peer), &of(own), sizeof(in6_addr)) == 0;
}

std::pair<Socket, Socket> make_pair_of_sockets() {
#if defined(_WIN32)
    throw base::SystemError(WSAEOPNOTSUPP, base::problem<base::ErrorCode::NoSocketPair>());
#else
    int ends[2];
    int type = SOCK_STREAM;
#if defined(__linux__)
    type |= SOCK_NONBLOCK | SOCK_CLOEXEC;
#endif
    if (socketpair(AF_UNIX, type, 0, ends) != 0) {
        throw base::SystemError(native::last_error(), base::problem<base::ErrorCode::NoSocketPair>());
    }
    for (const int end : ends) native::make_tame(end);
    return {Socket(ends[0]), Socket(ends[1])};
#endif
}

}  // namespace tracypy::io
