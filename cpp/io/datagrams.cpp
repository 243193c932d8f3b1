#include "io/datagrams.hpp"

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "io/native.hpp"

#if !defined(_WIN32)
#include <ifaddrs.h>
#endif

namespace tracypy::io {
namespace {

std::uint32_t loopback() noexcept {
    return htonl(INADDR_LOOPBACK);
}

#if !defined(_WIN32)
std::uint32_t ipv4_of(const sockaddr* address) noexcept {
    return reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr;
}

std::vector<std::uint32_t> broadcast_addresses(const std::vector<std::uint32_t>& ipv4) {
    std::vector<std::uint32_t> found;
    ifaddrs* list = nullptr;
    if (getifaddrs(&list) != 0) return found;
    for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
        if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_INET) continue;
        if ((entry->ifa_flags & IFF_UP) == 0 || (entry->ifa_flags & IFF_BROADCAST) == 0) continue;
        if (entry->ifa_broadaddr == nullptr) continue;
        const std::uint32_t own = ipv4_of(entry->ifa_addr);
        const bool wanted = std::any_of(ipv4.begin(), ipv4.end(), [own](auto one) { return one == 0 || one == own; });
        if (wanted) found.push_back(ipv4_of(entry->ifa_broadaddr));
    }
    freeifaddrs(list);
    return found;
}
#else
std::vector<std::uint32_t> broadcast_addresses(const std::vector<std::uint32_t>& ipv4) {
    if (ipv4.empty()) return {};
    return {htonl(INADDR_BROADCAST)};
}
#endif

}  // namespace

DatagramSender::DatagramSender(std::vector<std::uint32_t> addresses, std::uint16_t port)
    : addresses_(std::move(addresses)), port_(port) {
    native::ensure_sockets();
    open();
}

void DatagramSender::open() noexcept {
    socket_ = native::make_socket(AF_INET, SOCK_DGRAM);
    if (socket_.valid()) native::set_option(socket_.handle(), SOL_SOCKET, SO_BROADCAST, 1);
}

// A viewer's listener is bound to all addresses, so that the plain loopback address reaches it. 127.255.255.255, which
// Tracy's own client uses, would reach several of them, but not one that is bound to 127.0.0.1.
DatagramSender DatagramSender::to_loopback(std::uint16_t port) {
    return DatagramSender({loopback()}, port);
}

DatagramSender DatagramSender::to_networks_of(const std::vector<std::uint32_t>& ipv4, std::uint16_t port) {
    std::vector<std::uint32_t> addresses = broadcast_addresses(ipv4);
    if (addresses.empty() && !ipv4.empty()) addresses.push_back(loopback());
    return DatagramSender(std::move(addresses), port);
}

void DatagramSender::send(std::span<const char> bytes) noexcept {
    if (socket_.valid() && !socket_.is_own()) open();
    if (!socket_.valid()) return;
    for (const std::uint32_t address : addresses_) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port_);
        to.sin_addr.s_addr = address;
        (void)::sendto(native::raw(socket_.handle()), bytes.data(), static_cast<native::Length>(bytes.size()), 0,
                       reinterpret_cast<const sockaddr*>(&to), sizeof(to));
    }
}

DatagramReceiver::DatagramReceiver(std::uint16_t port) {
    native::ensure_sockets();
    socket_ = native::make_socket(AF_INET, SOCK_DGRAM);
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_port = htons(port);
    own.sin_addr.s_addr = htonl(INADDR_ANY);
    if (socket_.valid()) native::share_port(socket_.handle());
    if (!socket_.valid() ||
        bind(native::raw(socket_.handle()), reinterpret_cast<const sockaddr*>(&own), sizeof(own)) != 0) {
        const int error = native::last_error();
        throw base::SystemError(
            error, base::problem<base::ErrorCode::CannotHearAnnouncements>(port, native::text_of_error(error)));
    }
}

std::optional<DatagramReceiver::Datagram> DatagramReceiver::receive() {
    char bytes[2048];
    sockaddr_in from{};
    native::SockLength size = sizeof(from);
    const auto got =
        ::recvfrom(native::raw(socket_.handle()), bytes, sizeof(bytes), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got < 0) return std::nullopt;
    char host[INET_ADDRSTRLEN] = "";
    inet_ntop(AF_INET, &from.sin_addr, host, sizeof(host));
    return Datagram{host, std::string(bytes, static_cast<std::size_t>(got))};
}

}  // namespace tracypy::io
