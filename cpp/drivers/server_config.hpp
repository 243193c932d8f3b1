// What a ViewerServer is told.
#pragma once

#include <cstdint>
#include <string>

namespace tracypy::drivers {

struct ServerConfig {
    static constexpr std::uint16_t kFirstPort = 8086;  // where viewers look by themselves
    static constexpr std::uint16_t kLastPort = 8105;

    std::uint16_t port = 0;  // 0: the first free one of kFirstPort..kLastPort; else exactly this one
    std::string address;     // empty: the loopback, both families; else "0.0.0.0", "::" or an address of this machine
    bool only_ipv4 = false;
    bool announce = true;  // by datagrams, to this machine or, with an address that is not loopback, its networks
    std::uint32_t announced_protocol = 76;  // viewers grey out entries of another protocol, though connecting works
    std::string program_name;
    std::string host_info;
    double exit_timeout_seconds = 5;  // stop(): give up when a viewer has taken nothing for this long
};

}  // namespace tracypy::drivers
