#include "journal/packet_writer.hpp"

#include <lz4frame.h>

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

void append_head(std::string& output, std::uint32_t version) {
    put_fixed(output, kSkippableMagic);
    put_fixed(output, static_cast<std::uint32_t>(kMagicText.size() + sizeof(version)));
    output += kMagicText;
    put_fixed(output, version);
}

}  // namespace tracypy::journal
