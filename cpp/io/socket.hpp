// io: bytes to and from other programs, and all that differs between operating systems.
//
// Everything here is non-blocking: who wants to wait asks a Poller. Descriptors are never inherited by programs that
// this one starts, writing to a closed peer raises no signal, and no function here shuts a connection down in the
// sense of shutdown(2): closing in a forked child must not disturb the parent. Only io's source files may test for
// the platform. Must not know: the protocol, Python.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

#include "io/file_identity.hpp"

namespace tracypy::io {

/// A descriptor, or a SOCKET on Windows.
using Handle = std::intptr_t;
inline constexpr Handle kNoHandle = -1;

struct Transfer {
    enum class Status : std::uint8_t { Ok, WouldBlock, Closed };
    Status status;
    std::size_t bytes;  // with Ok
};

/// Owns a descriptor. One thread at a time.
class Socket {
public:
    Socket() noexcept = default;
    explicit Socket(Handle handle) noexcept : handle_(handle), identity_(identity_of(static_cast<int>(handle))) {}
    Socket(Socket&& other) noexcept : handle_(std::exchange(other.handle_, kNoHandle)), identity_(other.identity_) {}
    Socket& operator=(Socket&& other) noexcept {
        if (this != &other) {
            close();
            handle_ = std::exchange(other.handle_, kNoHandle);
            identity_ = other.identity_;
        }
        return *this;
    }
    ~Socket() { close(); }

    bool valid() const noexcept { return handle_ != kNoHandle; }
    Handle handle() const noexcept { return handle_; }
    /// Whether it is still what it was. Another thread may close it after the answer, as ever.
    bool is_own() const noexcept { return identity_of(static_cast<int>(handle_)) == identity_; }
    /// Leaves alone what is not its own.
    void close() noexcept;

    /// As much as fits. Closed when the peer, or the socket, is gone.
    Transfer send(std::span<const char> bytes) noexcept;
    /// What is there. Closed at the end of the stream as well.
    Transfer receive(std::span<char> into) noexcept;

    /// What was sent, but has not arrived at the peer's machine; 0 where that cannot be known.
    std::size_t bytes_under_way() const noexcept;

    /// "127.0.0.1:40312", for messages.
    std::string peer() const;
    bool peer_is_this_machine() const noexcept;

private:
    Handle handle_ = kNoHandle;
    FileIdentity identity_;
};

/// A connected pair within this process, for tests and wake-ups. Throws base::SystemError.
std::pair<Socket, Socket> make_pair_of_sockets();

}  // namespace tracypy::io
