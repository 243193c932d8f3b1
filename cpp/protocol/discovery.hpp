// The datagram by which a viewer finds programs: broadcast version 3, sent to UDP port 8086 every few seconds.
//
//     version u16 = 3, data port u16, protocol u32, process id u64, active seconds i32 (-1: leaving), program name
//
// The name has at most 63 bytes and ends with a zero; the rest of its field is not sent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tracypy::protocol {

inline constexpr std::uint16_t kDiscoveryPort = 8086;
inline constexpr std::int32_t kLeaving = -1;

struct Announcement {
    std::uint16_t port;
    std::uint32_t protocol;
    std::uint64_t process_id;
    std::int32_t active_seconds;
    std::string_view program_name;
};

std::string make_announcement(const Announcement& announcement);

/// Nothing if it is not an announcement of this version. The name lies in `bytes`.
std::optional<Announcement> parse_announcement(std::string_view bytes) noexcept;

}  // namespace tracypy::protocol
