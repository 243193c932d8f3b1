// Tells viewers nearby, every few seconds, that there is a program to connect to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "drivers/server_config.hpp"
#include "io/datagrams.hpp"
#include "io/listener.hpp"

namespace tracypy::drivers {

/// One thread. Does nothing when the config says so. Times are base::monotonic_ns().
class Announcer {
public:
    static constexpr std::int64_t kIntervalNs = 3'000'000'000;

    /// `program_name` is asked each time.
    Announcer(const ServerConfig& config, const io::ListenAddresses& addresses, std::uint16_t port,
              std::function<std::string()> program_name);

    /// Sends if it is time, and returns when the next one is due.
    std::int64_t announce(std::int64_t now_ns);
    /// Takes the entry off the viewers' lists, until announce() is called again.
    void leave();
    void close() noexcept;

private:
    void send(std::int32_t active_seconds);

    std::optional<io::DatagramSender> sender_;
    std::function<std::string()> program_name_;
    std::uint32_t protocol_;
    std::uint16_t port_;
    std::int64_t started_ns_;
    std::int64_t due_ns_;
    bool announced_ = false;
};

}  // namespace tracypy::drivers
