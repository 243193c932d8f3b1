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

}  // namespace tracypy::protocol
