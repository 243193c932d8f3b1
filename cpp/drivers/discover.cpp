#include "drivers/discover.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "io/datagrams.hpp"
#include "io/poller.hpp"
#include "protocol/discovery.hpp"

namespace tracypy::drivers {
namespace {

constexpr int kSliceMs = 100;
constexpr std::size_t kMostPrograms = 10'000;  // anyone on the network may send datagrams

void take(std::vector<DiscoveredProgram>& programs, const std::string& sender,
          const protocol::Announcement& announcement) {
    const auto known = std::find_if(programs.begin(), programs.end(), [&](const DiscoveredProgram& program) {
        return program.address == sender && program.port == announcement.port &&
               program.process_id == announcement.process_id;
    });
    if (announcement.active_seconds == protocol::kLeaving) {
        if (known != programs.end()) programs.erase(known);
        return;
    }
    if (known == programs.end() && programs.size() >= kMostPrograms) return;
    DiscoveredProgram& program = known != programs.end() ? *known : programs.emplace_back();
    program = {std::string(announcement.program_name),
               sender,
               announcement.port,
               announcement.protocol,
               announcement.process_id,
               announcement.active_seconds};
}

}  // namespace

std::vector<DiscoveredProgram> discover(double seconds, const std::function<bool()>& go_on) {
    io::DatagramReceiver receiver(protocol::kDiscoveryPort);
    io::Poller poller;
    std::vector<DiscoveredProgram> programs;
    const std::int64_t started_ns = base::monotonic_ns();
    const auto is_time_left = [&] { return static_cast<double>(base::monotonic_ns() - started_ns) < seconds * 1e9; };
    while (is_time_left() && go_on()) {
        poller.clear();
        poller.add(receiver.handle(), true, false);
        poller.wait(kSliceMs);
        if (!poller.readable(0)) continue;
        while (const auto datagram = receiver.receive()) {
            if (const auto announcement = protocol::parse_announcement(datagram->bytes)) {
                take(programs, datagram->sender, *announcement);
            }
            if (!is_time_left()) break;
        }
    }
    return programs;
}

}  // namespace tracypy::drivers
