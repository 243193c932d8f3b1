#include "test_viewer.hpp"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "protocol/wire_bytes.hpp"

namespace tracypy::native_tests {

std::string greeting_of(std::uint32_t protocol) {
    std::string bytes(protocol::kShibboleth, sizeof(protocol::kShibboleth));
    char number[4];
    protocol::put(number, protocol);
    return bytes.append(number, 4);
}

TestViewer::TestViewer(std::uint16_t port, const char* address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST;
    addrinfo* found = nullptr;
    if (getaddrinfo(address, std::to_string(port).c_str(), &hints, &found) != 0) return;
    socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(socket_, found->ai_addr, found->ai_addrlen) != 0) close();
    freeaddrinfo(found);
}

TestViewer::~TestViewer() {
    close();
}

void TestViewer::close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
}

void TestViewer::send(const std::string& bytes) {
    if (connected()) (void)!::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string TestViewer::receive(std::size_t bytes, double seconds) {
    std::string got;
    while (connected() && got.size() < bytes) {
        pollfd entry{socket_, POLLIN, 0};
        if (::poll(&entry, 1, static_cast<int>(seconds * 1000)) <= 0) break;
        char buffer[65536];
        const auto size = ::recv(socket_, buffer, std::min(sizeof(buffer), bytes - got.size()), 0);
        if (size <= 0) {
            close();
            break;
        }
        got.append(buffer, static_cast<std::size_t>(size));
    }
    return got;
}

bool TestViewer::sees_end(double seconds) {
    return receive(1, seconds).empty() && !connected();
}

int TestViewer::greet(std::uint32_t protocol, double seconds) {
    send(greeting_of(protocol));
    const std::string status = receive(1, seconds);
    if (status.empty()) return 0;
    if (status[0] != 1) return status[0];
    const protocol::Dialect& dialect = *protocol::find_dialect(protocol);
    const std::size_t welcome_bytes = protocol::kWelcomeBytes + (dialect.welcome_has_delay ? 8 : 0);
    const std::string welcome = receive(welcome_bytes + protocol::kOnDemandBytes, seconds);
    if (welcome.size() != welcome_bytes + protocol::kOnDemandBytes) return 0;
    frames_so_far_ = protocol::get<std::uint64_t>(welcome.data() + welcome_bytes);
    reader_ = std::make_unique<WireReader>(dialect);
    return 1;
}

bool TestViewer::read_some(double seconds) {
    const std::string size = receive(4, seconds);
    if (size.size() != 4) return false;
    const std::string block = receive(protocol::get<std::uint32_t>(size.data()), seconds);
    reader_->feed(size + block);
    return reader_->error.empty();
}

void TestViewer::ask(protocol::QueryKind kind, std::uint64_t pointer) {
    char bytes[protocol::kQueryBytes] = {};
    protocol::put(protocol::put(bytes, kind), pointer);
    send({bytes, sizeof(bytes)});
}

bool TestViewer::see_off(double seconds) {
    if (!read_until([](const WireReader& reader) { return reader.terminated; }, seconds)) return false;
    const std::size_t answers = reader_->answers.size();
    ask(protocol::QueryKind::String, 1);
    if (!read_until([&](const WireReader& reader) { return reader.answers.size() > answers; }, seconds)) return false;
    ask(protocol::QueryKind::Terminate, 0);
    return reader_->error.empty() && reader_->open_zones() == 0;
}

}  // namespace tracypy::native_tests
