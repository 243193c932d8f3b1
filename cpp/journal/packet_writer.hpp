// Bytes in, LZ4 frames with a checksum out. Knows nothing of what is in them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "journal/format.hpp"

namespace tracypy::journal {

class PacketWriter {
public:
    /// Appends one packet with `content`, at most kMaxPacketBytes, to `output`. Costs about a microsecond of its own.
    void append(std::string_view content, std::string& output);
};

/// How long the first packet of these is, the skippable one too; 0 if they do not begin with a whole one.
std::size_t first_packet_bytes(std::string_view bytes) noexcept;

/// Appends the skippable packet that starts a journal.
void append_head(std::string& output, std::uint32_t version = kVersion);

}  // namespace tracypy::journal
