#include "protocol/wire_block_reader.hpp"

#include <lz4.h>

#include "protocol/peer_error.hpp"
#include "protocol/wire_block_writer.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

constexpr std::size_t kBlockBytes = WireBlockWriter::kBlockBytes;
constexpr std::size_t kLargestPacked = LZ4_COMPRESSBOUND(kBlockBytes);

}  // namespace

struct WireBlockReader::Stream {
    LZ4_streamDecode_t state;
};

WireBlockReader::WireBlockReader() : ring_(new char[3 * kBlockBytes]), stream_(new Stream) {
    LZ4_setStreamDecode(&stream_->state, nullptr, 0);
}

WireBlockReader::~WireBlockReader() = default;

void WireBlockReader::feed(std::span<const char> bytes) {
    input_.erase(0, taken_);
    taken_ = 0;
    input_.append(bytes.data(), bytes.size());
}

std::optional<std::span<const char>> WireBlockReader::next() {
    const std::size_t there = input_.size() - taken_;
    if (there < sizeof(std::uint32_t)) return std::nullopt;
    const std::size_t size = get<std::uint32_t>(input_.data() + taken_);
    if (size == 0 || size > kLargestPacked) {
        throw PeerError("a block of " + std::to_string(size) + " bytes, where at most " +
                        std::to_string(kLargestPacked) + " are possible");
    }
    if (there < sizeof(std::uint32_t) + size) return std::nullopt;
    char* const block = ring_.get() + offset_;
    const int raw = LZ4_decompress_safe_continue(&stream_->state, input_.data() + taken_ + sizeof(std::uint32_t), block,
                                                 static_cast<int>(size), static_cast<int>(kBlockBytes));
    if (raw < 0) throw PeerError("a block that cannot be decompressed");
    taken_ += sizeof(std::uint32_t) + size;
    packed_bytes_ += sizeof(std::uint32_t) + size;
    raw_bytes_ += static_cast<std::uint64_t>(raw);
    offset_ += static_cast<std::size_t>(raw);
    if (offset_ > 2 * kBlockBytes) offset_ = 0;
    return std::span<const char>(block, static_cast<std::size_t>(raw));
}

}  // namespace tracypy::protocol
