#include "protocol/discovery.hpp"

#include "base/string_table.hpp"
#include "protocol/handshake.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

constexpr std::uint16_t kBroadcastVersion = 3;
constexpr std::size_t kFixedBytes = 2 + 2 + 4 + 8 + 4;

}  // namespace

std::string make_announcement(const Announcement& announcement) {
    const std::string_view name = base::cut_utf8(announcement.program_name, kProgramNameBytes - 1);
    std::string out(kFixedBytes, '\0');
    char* cursor = put(out.data(), kBroadcastVersion);
    cursor = put(cursor, announcement.port);
    cursor = put(cursor, announcement.protocol);
    cursor = put(cursor, announcement.process_id);
    put(cursor, announcement.active_seconds);
    out.append(name).push_back('\0');
    return out;
}

std::optional<Announcement> parse_announcement(std::string_view bytes) noexcept {
    if (bytes.size() < kFixedBytes || get<std::uint16_t>(bytes.data()) != kBroadcastVersion) return std::nullopt;
    const std::string_view name = bytes.substr(kFixedBytes).substr(0, kProgramNameBytes);
    return Announcement{get<std::uint16_t>(bytes.data() + 2), get<std::uint32_t>(bytes.data() + 4),
                        get<std::uint64_t>(bytes.data() + 8), get<std::int32_t>(bytes.data() + 16),
                        name.substr(0, name.find('\0'))};
}

}  // namespace tracypy::protocol
