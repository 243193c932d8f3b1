#include "drivers/announcer.hpp"

#include <limits>
#include <utility>

#include "base/clock.hpp"
#include "io/process.hpp"
#include "protocol/discovery.hpp"

namespace tracypy::drivers {

Announcer::Announcer(const ServerConfig& config, const io::ListenAddresses& addresses, std::uint16_t port,
                     std::function<std::string()> program_name)
    : program_name_(std::move(program_name)),
      protocol_(config.announced_protocol),
      port_(port),
      started_ns_(base::monotonic_ns()),
      due_ns_(started_ns_) {
    if (!config.announce) return;
    sender_ = addresses.loopback_only()
                  ? io::DatagramSender::to_loopback(protocol::kDiscoveryPort)
                  : io::DatagramSender::to_networks_of(addresses.ipv4(), protocol::kDiscoveryPort);
}

std::int64_t Announcer::announce(std::int64_t now_ns) {
    if (!sender_) return std::numeric_limits<std::int64_t>::max();
    if (now_ns >= due_ns_) {
        send(static_cast<std::int32_t>((now_ns - started_ns_) / 1'000'000'000));
        announced_ = true;
        due_ns_ = now_ns + kIntervalNs;
    }
    return due_ns_;
}

void Announcer::leave() {
    if (sender_ && announced_) send(protocol::kLeaving);
    announced_ = false;
    due_ns_ = 0;
}

void Announcer::close() noexcept {
    if (sender_) sender_->close();
}

// The process id is asked for each time: after a fork it is another one.
void Announcer::send(std::int32_t active_seconds) {
    const std::string name = program_name_();
    sender_->send(protocol::make_announcement({port_, protocol_, io::process_id(), active_seconds, name}));
}

}  // namespace tracypy::drivers
