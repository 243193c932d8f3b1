// A viewer for tests of the server: a blocking TCP client that reads strictly and asks like a real one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "io/socket.hpp"
#include "protocol/handshake.hpp"
#include "stream_reader.hpp"
#include "viewer_bytes.hpp"

namespace tracypy::native_tests {

/// Every call gives up after some seconds, so that a hanging server is a failed test.
class TestViewer {
public:
    explicit TestViewer(std::uint16_t port, const char* address = "127.0.0.1");
    /// Lets the kernel hold little for this viewer: what it does not read, the server cannot get rid of.
    /// By itself a kernel holds as much as it was told to, megabytes on one machine and far more on another.
    TestViewer& with_small_buffer();
    TestViewer(const TestViewer&) = delete;
    TestViewer& operator=(const TestViewer&) = delete;

    bool connected() const noexcept { return socket_.valid(); }
    void send(const std::string& bytes);
    /// Reads exactly so many bytes; fewer when the server hangs up or nothing comes for `seconds`.
    std::string receive(std::size_t bytes, double seconds = 60);
    /// True when the server has closed the connection, or does so in time.
    bool sees_end(double seconds = 60);
    void close() { socket_.close(); }

    /// Greets; returns the status byte, 0 for none. After a welcome, the rest of it was read as well.
    int greet(std::uint32_t protocol, double seconds = 60);
    /// Reads events until `done` or the end of the line; answers Terminate when asked to. False when time is up.
    template <typename Done>
    bool read_until(Done done, double seconds = 60) {
        while (!done(*reader_)) {
            if (!read_some(seconds)) return done(*reader_);
        }
        return true;
    }
    bool read_some(double seconds);
    void ask(protocol::QueryKind kind, std::uint64_t pointer) { ask(query(kind, pointer)); }
    void ask(const std::string& queries);
    /// Reads to the server's Terminate, asks for a last time and takes leave. True when all of that worked.
    bool see_off(double seconds = 60);

    StreamReader& reader() { return *reader_; }
    std::uint64_t frames_so_far() const noexcept { return frames_so_far_; }

private:
    bool is_ready(bool to_write, double seconds) const;

    io::Socket socket_;
    std::unique_ptr<StreamReader> reader_;
    std::uint64_t frames_so_far_ = 0;
};

}  // namespace tracypy::native_tests
