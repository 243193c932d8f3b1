// What the background thread does: listen, greet, serve one viewer, start over.
#pragma once

#include <atomic>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/names.hpp"
#include "drivers/announcer.hpp"
#include "drivers/program.hpp"
#include "drivers/server_config.hpp"
#include "drivers/viewer_connection.hpp"
#include "drivers/viewer_link.hpp"
#include "drivers/wait.hpp"
#include "io/listener.hpp"
#include "io/poller.hpp"
#include "io/wakeup.hpp"

namespace tracypy::drivers {

/// How the thread is told what to do, and tells how it is. Any thread; each member is a flag of its own, and `wakeup`
/// is written after a flag was set.
struct ServerControl {
    explicit ServerControl(std::atomic<bool>& connected_flag) : connected(connected_flag) {}

    enum class Stop : std::uint8_t {
        No,
        WithConnected,  // see the viewer off that is connected now, if any
        WithAny,        // wait for one to come, if need be
        AtOnce,
    };
    void wake() noexcept { wakeup.wake(); }
    bool is_over() const noexcept { return finished.is_set(); }

    std::atomic<Stop> stop{Stop::No};
    std::atomic<bool> pause{false};
    std::atomic<bool>& connected;
    DoneFlag finished;                   // run() has returned for good
    std::atomic<bool> delivered{false};  // with `finished`: what stop asked for was done
    io::Wakeup wakeup;
};

/// Made by the controlling thread, then used by the background thread alone; by the controlling thread again while
/// that one is joined.
class ServerLoop {
public:
    ServerLoop(Program& program, const base::Names& names, const ServerConfig& config,
               const io::ListenAddresses& addresses, std::vector<io::Socket> listeners, std::uint16_t port,
               ServerControl& control);
    ~ServerLoop();

    /// Returns when paused, and then may be called again; or when stopped. Lets no exception out.
    void run() noexcept;

    /// In a forked child: the descriptors go, everything else stays as it is and is never used again.
    void close_descriptors() noexcept;

private:
    using Stop = ServerControl::Stop;

    void step();
    void look_after_listeners(std::int64_t now_ns);
    void wait();
    int timeout_ms(std::int64_t now_ns);
    void accept_all(std::int64_t now_ns);
    void greet_all(std::int64_t now_ns);
    bool greet(std::unique_ptr<ViewerLink>& link, std::int64_t now_ns);
    void begin_connection(std::unique_ptr<ViewerLink>& link, std::int64_t now_ns);
    void serve(std::int64_t now_ns);
    void end_connection(ViewerConnection::Outcome outcome);
    void recover(const char* what) noexcept;
    bool is_over();
    void finish(bool delivered);
    std::string program_name() const;

    Program& program_;
    const base::Names& names_;
    ServerConfig config_;
    ServerControl& control_;
    Announcer announcer_;
    std::uint64_t epoch_seconds_;
    io::ListenAddresses addresses_;
    std::uint16_t port_;
    std::vector<io::Socket> listeners_;
    std::int64_t listen_again_ns_ = 0;  // not before that
    bool told_no_listeners_ = false;
    std::list<std::unique_ptr<ViewerLink>> greeting_;  // connected, but not yet known to be viewers; oldest first
    std::unique_ptr<ViewerConnection> connection_;
    io::Poller poller_;
    std::int64_t accept_again_ns_ = 0;  // out of descriptors: leave the backlog alone until then
    int idle_steps_ = 0;
    bool busy_ = false;       // the last step left work
    bool seen_off_ = false;   // since stop, a viewer got everything
    bool abandoned_ = false;  // since stop, one did not
};

}  // namespace tracypy::drivers
