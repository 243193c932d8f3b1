// drivers: the threads that carry events from a program to a viewer, and what they need of the operating system.
//
// ViewerServer listens for viewers and serves one at a time from one background thread. The program is told to record
// only while a viewer is there. Everything that comes from the network ends, at worst, one connection: never the
// program, never the thread. What is kept in memory is bounded: about 1.5 MB for a connection's encoder, 1 MiB of bytes
// that wait for a slow viewer, and a few names on top; when a viewer is slower than the program, the recorder decides
// what goes. Must not know: Python, where events come from.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>

#include "base/names.hpp"
#include "drivers/program.hpp"
#include "drivers/server_config.hpp"

namespace tracypy::drivers {

/// start, stop, pause, resume and forget_after_fork may be called from any thread, but never by one that holds the
/// interpreter's lock: the background thread may need that lock before it can do what they wait for. The is_ and
/// wait_ questions and port() may be asked by any thread at any time. `control_mutex_` guards `running_`.
class ViewerServer {
public:
    explicit ViewerServer(Program& program, const base::Names& names = base::names());
    /// Stops without waiting for a viewer.
    ~ViewerServer();
    ViewerServer(const ViewerServer&) = delete;
    ViewerServer& operator=(const ViewerServer&) = delete;

    /// Listens, starts the thread, and returns the port. Throws base::Error when already running, base::SystemError
    /// for a port that is taken or an address that cannot be listened on, base::ValueError for one that is none.
    std::uint16_t start(const ServerConfig& config);

    enum class Wait : std::uint8_t {
        ForConnectedViewer,  // one that is connected now gets everything first
        ForAnyViewer,        // wait until a viewer has come and has received everything
    };
    /// Stops recording, lets the viewer have the rest, ends the thread and closes all sockets. `keep_waiting` is
    /// asked about ten times a second, on the calling thread; false ends the wait. Returns false when waiting was
    /// given up, or the viewer did, before it had everything. Does nothing when not running.
    bool stop(Wait wait, const std::function<bool()>& keep_waiting = {});

    bool is_running() const noexcept { return port_.load(std::memory_order_acquire) != 0; }
    /// 0 when not running.
    std::uint16_t port() const noexcept { return port_.load(std::memory_order_acquire); }
    /// A viewer is connected and zones are being recorded for it.
    bool is_connected() const noexcept { return connected_.load(std::memory_order_acquire); }
    /// Waits until is_connected(), the end of the server, or the time is up; returns is_connected().
    bool wait_connected(std::chrono::microseconds longest) const;

    /// Around fork(), in the parent: between the two no thread of ours exists, and nothing else changes; a viewer
    /// notices a short silence at most. All other control calls wait until resume().
    void pause();
    void resume();
    /// In the child, in place of resume(): closes what was inherited, and is as if it had never run. The parent's
    /// viewer does not notice. Also right when pause() was never called.
    void forget_after_fork() noexcept;

private:
    struct Running;

    Program& program_;
    const base::Names& names_;
    std::mutex control_mutex_;
    std::shared_ptr<Running> running_;
    std::atomic<std::uint16_t> port_{0};
    std::atomic<bool> connected_{false};  // written by the background thread
};

}  // namespace tracypy::drivers
