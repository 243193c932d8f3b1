#include "io/wakeup.hpp"

#include "base/error.hpp"
#include "io/native.hpp"

namespace tracypy::io {

#if defined(_WIN32)
// WSAPoll knows sockets only: a datagram socket that is connected to itself.
Wakeup::Wakeup() {
    native::ensure_sockets();
    receiver_ = native::make_socket(AF_INET, SOCK_DGRAM);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    native::SockLength size = sizeof(address);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (!receiver_.valid() || bind(native::raw(receiver_.handle()), generic, size) != 0 ||
        getsockname(native::raw(receiver_.handle()), generic, &size) != 0 ||
        connect(native::raw(receiver_.handle()), generic, size) != 0) {
        throw base::SystemError(native::last_error(), base::problem<base::ErrorCode::NoWakeup>());
    }
}
#else
// Not an event descriptor of Linux: those cannot be told apart from the program's.
Wakeup::Wakeup() {
    auto ends = make_pair_of_sockets();
    receiver_ = std::move(ends.first);
    sender_ = std::move(ends.second);
}
#endif

void Wakeup::wake() noexcept {
    const char one = 1;
    (void)(sender_.valid() ? sender_ : receiver_).send({&one, 1});
}

void Wakeup::drain() noexcept {
    char bytes[64];
    while (receiver_.receive(bytes).status == Transfer::Status::Ok) {
    }
}

void Wakeup::close() noexcept {
    receiver_.close();
    sender_.close();
}

}  // namespace tracypy::io
