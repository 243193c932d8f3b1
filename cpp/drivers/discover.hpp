// Hears for a while which programs announce themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace tracypy::drivers {

struct DiscoveredProgram {
    std::string program;
    std::string address;
    std::uint16_t port = 0;
    std::uint32_t protocol = 0;
    std::uint64_t process_id = 0;
    std::int32_t active_seconds = 0;  // since the program started, by its own account
};

/// In the order of their first announcement; those that said goodbye meanwhile are left out. Programs announce
/// themselves every three seconds. `go_on` is asked ten times a second. Throws base::SystemError when the port of
/// announcements cannot be had.
std::vector<DiscoveredProgram> discover(double seconds, const std::function<bool()>& go_on);

}  // namespace tracypy::drivers
