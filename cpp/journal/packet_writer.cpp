#include "journal/packet_writer.hpp"

#include <lz4frame.h>

#include <cstring>

#include "base/error.hpp"
#include "journal/bytes.hpp"

namespace tracypy::journal {
namespace {

/// One block for each packet, so that a packet is compressed as one piece.
constexpr LZ4F_preferences_t preferences() noexcept {
    LZ4F_preferences_t preferences{};
    preferences.frameInfo.blockSizeID = LZ4F_max256KB;
    preferences.frameInfo.contentChecksumFlag = LZ4F_contentChecksumEnabled;
    return preferences;
}

constexpr LZ4F_preferences_t kPreferences = preferences();

}  // namespace

void PacketWriter::append(std::string_view content, std::string& output) {
    const std::size_t start = output.size();
    output.resize(start + LZ4F_compressFrameBound(content.size(), &kPreferences));
    const std::size_t size =
        LZ4F_compressFrame(output.data() + start, output.size() - start, content.data(), content.size(), &kPreferences);
    if (LZ4F_isError(size) != 0)
        throw base::Error(
            base::problem<base::ErrorCode::TraceNotWritten>("LZ4 cannot compress a packet of the journal"));
    output.resize(start + size);
}

// A frame of ours is a head of 7 bytes, blocks with their lengths (the uppermost bit: stored), a length of 0, and the
// checksum.
std::size_t first_packet_bytes(std::string_view bytes) noexcept {
    constexpr std::size_t kFrameHead = 7, kChecksum = 4;
    const auto number_at = [bytes](std::size_t offset) {
        std::uint32_t number = 0;
        std::memcpy(&number, bytes.data() + offset, sizeof(number));
        return number;
    };
    if (bytes.size() < kHeadBytes) return 0;
    if (number_at(0) == kSkippableMagic) return kHeadBytes;
    for (std::size_t at = kFrameHead; at + sizeof(std::uint32_t) <= bytes.size();) {
        const std::size_t block = number_at(at) & 0x7FFF'FFFF;
        at += sizeof(std::uint32_t);
        if (block == 0) return at + kChecksum <= bytes.size() ? at + kChecksum : 0;
        at += block;
    }
    return 0;
}

void append_head(std::string& output, std::uint32_t version) {
    put_fixed(output, kSkippableMagic);
    put_fixed(output, static_cast<std::uint32_t>(kMagicText.size() + sizeof(version)));
    output += kMagicText;
    put_fixed(output, version);
}

}  // namespace tracypy::journal
