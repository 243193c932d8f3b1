#include "drivers/viewer_server.hpp"

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "drivers/around_forks.hpp"
#include "drivers/server_loop.hpp"
#include "drivers/wait.hpp"
#include "io/listener.hpp"

namespace tracypy::drivers {
namespace {

using std::chrono::milliseconds;

constexpr const char* kThreadName = "tracypy";

struct Listening {
    std::vector<io::Socket> sockets;
    std::uint16_t port;
};

Listening listen(const io::ListenAddresses& addresses, std::uint16_t wanted) {
    const std::uint16_t first = wanted != 0 ? wanted : ServerConfig::kFirstPort;
    const std::uint16_t last = wanted != 0 ? wanted : ServerConfig::kLastPort;
    for (std::uint32_t port = first; port <= last; ++port) {
        std::vector<io::Socket> sockets = io::listen_on(addresses, static_cast<std::uint16_t>(port));
        if (!sockets.empty()) return {std::move(sockets), static_cast<std::uint16_t>(port)};
    }
    if (wanted != 0) {
        throw base::SystemError(
            EADDRINUSE, base::problem<base::ErrorCode::PortTaken>(wanted, addresses.text(), ServerConfig::kFirstPort,
                                                                  ServerConfig::kLastPort));
    }
    throw base::SystemError(EADDRINUSE, base::problem<base::ErrorCode::AllPortsTaken>(addresses.text(), first, last));
}

}  // namespace

/// Everything that exists between start and stop.
struct ViewerServer::Running : LoopOnThread<ServerControl, ServerLoop> {
    using LoopOnThread::LoopOnThread;
};

ViewerServer::ViewerServer(Program& program, const base::Names& names) : program_(program), names_(names) {}

ViewerServer::~ViewerServer() {
    stop(Wait::ForConnectedViewer, [] { return false; });
}

std::uint16_t ViewerServer::start(const ServerConfig& config) {
    const std::lock_guard lock(control_mutex_);
    if (running_ != nullptr) throw base::Error(base::problem<base::ErrorCode::ServerIsRunning>());
    (void)base::tick_scale();  // the first reading: the longer ago it is, the better the scale
    const io::ListenAddresses addresses(config.address, config.only_ipv4);
    Listening listening = listen(addresses, config.port);
    const std::uint16_t port = listening.port;
    auto running =
        std::make_shared<Running>(connected_, program_, names_, config, addresses, std::move(listening.sockets), port);
    try {
        running->start_thread(kThreadName);
    } catch (const std::system_error& error) {
        throw base::SystemError(error.code().value(), base::problem<base::ErrorCode::NoServerThread>());
    }
    running_ = std::move(running);
    port_.store(port, std::memory_order_release);
    return port;
}

bool ViewerServer::stop(Wait wait, const std::function<bool()>& keep_waiting) {
    std::shared_ptr<Running> running;
    {
        const std::lock_guard lock(control_mutex_);
        if (running_ == nullptr) return true;
        running = running_;
        running->control.stop.store(
            wait == Wait::ForAnyViewer ? ServerControl::Stop::WithAny : ServerControl::Stop::WithConnected,
            std::memory_order_release);
    }
    std::exception_ptr interruption;
    ServerControl& control = running->control;
    control.wakeup.wake();
    const auto give_up = [&control] {
        control.stop.store(ServerControl::Stop::AtOnce, std::memory_order_release);
        control.wakeup.wake();
    };
    // Without the mutex, so that others may fork meanwhile.
    try {
        wait_until(control.finished, keep_waiting, give_up);
    } catch (...) {
        interruption = std::current_exception();
    }
    {
        const std::lock_guard lock(control_mutex_);
        running->thread.join();
        running->loop.close_descriptors();  // another stop() may hold on to `running` for a while
        if (running_ == running) {
            running_ = nullptr;
            port_.store(0, std::memory_order_release);
        }
    }
    if (interruption) std::rethrow_exception(interruption);
    return control.delivered.load(std::memory_order_relaxed);
}

bool ViewerServer::wait_connected(std::chrono::microseconds longest) const {
    constexpr std::chrono::steady_clock::duration kPause = milliseconds{2};
    const auto end = std::chrono::steady_clock::now() + longest;
    while (!is_connected() && is_running()) {
        const auto left = end - std::chrono::steady_clock::now();
        if (left <= left.zero()) break;
        std::this_thread::sleep_for(std::min(left, kPause));
    }
    return is_connected();
}

void ViewerServer::pause() {
    pause_for_fork(control_mutex_, running_);
}

void ViewerServer::resume() {
    resume_after_fork(control_mutex_, running_, kThreadName, [this] {
        base::log(base::LogLevel::Warning, "after a fork, the thread that serves viewers could not be started again");
        connected_.store(false, std::memory_order_release);
        running_->control.finished.set();
    });
}

void ViewerServer::forget_after_fork() noexcept {
    forget_in_child(control_mutex_, running_);
    port_.store(0, std::memory_order_release);
    connected_.store(false, std::memory_order_release);
}

}  // namespace tracypy::drivers
