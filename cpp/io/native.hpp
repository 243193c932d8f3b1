// The operating system's own headers and the few names in which they differ. Only io's source files include this.
#pragma once

#if defined(_WIN32)
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <winsock2.h>
#include <ws2tcpip.h>
#else
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#endif
#if defined(__linux__)
#include <linux/sockios.h>
#include <sys/ioctl.h>
#endif

#include <memory>
#include <string>
#include <system_error>

#include "io/socket.hpp"

namespace tracypy::io::native {

#if defined(_WIN32)
using Raw = SOCKET;
using Length = int;
using SockLength = int;
constexpr int kNotAvailable = WSAEADDRNOTAVAIL;
constexpr int kNoFamily = WSAEAFNOSUPPORT;
inline int last_error() noexcept {
    return WSAGetLastError();
}
inline bool would_block(int error) noexcept {
    return error == WSAEWOULDBLOCK;
}
inline bool is_taken(int error) noexcept {
    return error == WSAEADDRINUSE || error == WSAEACCES;  // the latter for ports that the system keeps for itself
}
inline bool interrupted(int error) noexcept {
    return error == WSAEINTR;
}
inline bool out_of_descriptors(int error) noexcept {
    return error == WSAEMFILE || error == WSAENOBUFS;
}
#else
using Raw = int;
using Length = std::size_t;
using SockLength = socklen_t;
constexpr int kNotAvailable = EADDRNOTAVAIL;
constexpr int kNoFamily = EAFNOSUPPORT;
inline int last_error() noexcept {
    return errno;
}
inline bool would_block(int error) noexcept {
    return error == EAGAIN || error == EWOULDBLOCK;
}
inline bool is_taken(int error) noexcept {
    return error == EADDRINUSE;
}
inline bool interrupted(int error) noexcept {
    return error == EINTR;
}
inline bool out_of_descriptors(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}
#endif

/// What the system says of a last_error().
inline std::string text_of_error(int error) {
    return std::system_category().message(error);
}

inline Raw raw(Handle handle) noexcept {
    return static_cast<Raw>(handle);
}

struct FreeAddresses {
    void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
/// What getaddrinfo() has found.
using AddressList = std::unique_ptr<addrinfo, FreeAddresses>;

/// Starts Winsock on first use; nothing elsewhere.
void ensure_sockets();

/// A new socket: not blocking, not inherited by programs that this one starts, no SIGPIPE. Invalid on failure.
Socket make_socket(int family, int type) noexcept;

/// The next one that waits, not blocking and not inherited. Invalid on failure.
Socket accept_next(Handle listener) noexcept;

/// The same properties for a socket that already exists.
void make_tame(Handle handle) noexcept;

inline bool set_option(Handle handle, int level, int name, int value) noexcept {
    return setsockopt(raw(handle), level, name, reinterpret_cast<const char*>(&value), sizeof(value)) == 0;
}

/// Others may bind the same UDP port, and hear what is sent to all.
inline void share_port(Handle handle) noexcept {
    set_option(handle, SOL_SOCKET, SO_REUSEADDR, 1);
#if defined(SO_REUSEPORT) && !defined(__linux__)
    set_option(handle, SOL_SOCKET, SO_REUSEPORT, 1);  // BSD asks for it; on Linux only one of them would hear
#endif
}

}  // namespace tracypy::io::native
