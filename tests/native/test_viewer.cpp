#include "test_viewer.hpp"

#if defined(_WIN32)
#include <winsock2.h>
#else
#include <sys/socket.h>
#endif

#include <algorithm>
#include <span>

#include "io/connector.hpp"
#include "io/poller.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::native_tests {

TestViewer::TestViewer(std::uint16_t port, const char* address) : socket_(io::PeerAddresses(address, port).start(0)) {
    if (!connected() || !is_ready(true, 60) || !io::is_connected(socket_)) close();
}

TestViewer& TestViewer::with_small_buffer() {
    const int bytes = 1 << 16;
    setsockopt(socket_.handle(), SOL_SOCKET, SO_RCVBUF, reinterpret_cast<const char*>(&bytes), sizeof(bytes));
    return *this;
}

bool TestViewer::is_ready(bool to_write, double seconds) const {
    io::Poller poller;
    const std::size_t entry = poller.add(socket_.handle(), !to_write, to_write);
    poller.wait(static_cast<int>(seconds * 1000));
    return to_write ? poller.writable(entry) : poller.readable(entry);
}

void TestViewer::send(const std::string& bytes) {
    for (std::span<const char> rest(bytes); connected() && !rest.empty();) {
        const io::Transfer sent = socket_.send(rest);
        if (sent.status == io::Transfer::Status::Closed) return;
        if (sent.status == io::Transfer::Status::Ok) rest = rest.subspan(sent.bytes);
        if (!rest.empty() && !is_ready(true, 60)) return;
    }
}

std::string TestViewer::receive(std::size_t bytes, double seconds) {
    std::string got;
    while (connected() && got.size() < bytes && is_ready(false, seconds)) {
        char buffer[65536];
        const io::Transfer result = socket_.receive({buffer, std::min(sizeof(buffer), bytes - got.size())});
        if (result.status == io::Transfer::Status::Closed) close();
        if (result.status == io::Transfer::Status::Ok) got.append(buffer, result.bytes);
    }
    return got;
}

bool TestViewer::sees_end(double seconds) {
    return receive(1, seconds).empty() && !connected();
}

int TestViewer::greet(std::uint32_t protocol, double seconds) {
    send(greeting(protocol));
    const std::string status = receive(1, seconds);
    if (status.empty()) return 0;
    if (status[0] != 1) return status[0];
    const protocol::Dialect& dialect = *protocol::find_dialect(protocol);
    const std::size_t welcome_bytes = protocol::kWelcomeBytes + (dialect.welcome_has_delay ? 8 : 0);
    const std::string welcome = receive(welcome_bytes + protocol::kOnDemandBytes, seconds);
    if (welcome.size() != welcome_bytes + protocol::kOnDemandBytes) return 0;
    frames_so_far_ = protocol::get<std::uint64_t>(welcome.data() + welcome_bytes);
    reader_ = std::make_unique<StreamReader>(protocol);
    return 1;
}

bool TestViewer::read_some(double seconds) {
    const std::string size = receive(4, seconds);
    if (size.size() != 4) return false;
    const std::string block = receive(protocol::get<std::uint32_t>(size.data()), seconds);
    reader_->feed(size + block);
    return reader_->error.empty();
}

void TestViewer::ask(const std::string& queries) {
    if (reader_ != nullptr) reader_->queries.ask(queries);
    send(queries);
}

bool TestViewer::see_off(double seconds) {
    if (!read_until([](const StreamReader& reader) { return reader.terminated; }, seconds)) return false;
    const std::size_t answers = reader_->answers.size();
    ask(protocol::QueryKind::String, 1);
    if (!read_until([&](const StreamReader& reader) { return reader.answers.size() > answers; }, seconds)) return false;
    ask(protocol::QueryKind::Terminate, 0);
    return reader_->error.empty() && reader_->open_zones() == 0 && reader_->queries.open() == 0;
}

}  // namespace tracypy::native_tests
