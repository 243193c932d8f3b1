#include "protocol/wire_block_writer.hpp"

#include <lz4.h>

#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

constexpr std::size_t kLargestPacked = LZ4_COMPRESSBOUND(WireBlockWriter::kBlockBytes);

// Larger values trade size for speed. Measured on zones: not worth it, 2 costs 2 % of size and gains nothing.
constexpr int kAcceleration = 1;

/// An LZ4 block without matches: a token whose upper half is the length or 15, then what is left of the length in
/// bytes of 255 each and a last one below, then the literals.
std::size_t store(char* out, const char* raw, std::size_t size) noexcept {
    constexpr std::size_t kInToken = 15;
    char* cursor = out;
    if (size < kInToken) {
        cursor = put(cursor, static_cast<std::uint8_t>(size << 4));
    } else {
        cursor = put(cursor, static_cast<std::uint8_t>(kInToken << 4));
        std::size_t rest = size - kInToken;
        for (; rest >= 255; rest -= 255) cursor = put(cursor, std::uint8_t{255});
        cursor = put(cursor, static_cast<std::uint8_t>(rest));
    }
    return static_cast<std::size_t>(put_bytes(cursor, raw, size) - out);
}

}  // namespace

struct WireBlockWriter::Stream {
    LZ4_stream_t state;
};

WireBlockWriter::WireBlockWriter(OutputBuffer& output, Packing packing)
    : output_(output), ring_(new char[kRingBytes]), block_(ring_.get()), cursor_(block_) {
    set_packing(packing);
}

WireBlockWriter::~WireBlockWriter() = default;

// A new stream knows no history, so that its first block is understood whatever came before.
void WireBlockWriter::set_packing(Packing packing) {
    if ((packing == Packing::Compressed) == (stream_ != nullptr)) return;
    stream_.reset(packing == Packing::Compressed ? new Stream : nullptr);
    if (stream_ != nullptr) LZ4_initStream(&stream_->state, sizeof(stream_->state));
}

std::size_t WireBlockWriter::pack(char* to, std::size_t raw) {
    if (stream_ == nullptr) return store(to, block_, raw);
    return static_cast<std::size_t>(LZ4_compress_fast_continue(&stream_->state, block_, to, static_cast<int>(raw),
                                                               static_cast<int>(kLargestPacked), kAcceleration));
}

void WireBlockWriter::flush() {
    if (empty()) return;
    const auto raw = static_cast<std::size_t>(cursor_ - block_);
    char* const to = output_.prepare(sizeof(std::uint32_t) + kLargestPacked);
    const std::size_t packed = pack(to + sizeof(std::uint32_t), raw);
    put(to, static_cast<std::uint32_t>(packed));
    output_.append_prepared(sizeof(std::uint32_t) + packed);
    raw_bytes_ += raw;
    packed_bytes_ += sizeof(std::uint32_t) + packed;
    // The next block needs a whole block's room. Back at the start of the ring, the last 64 KiB before the jump are
    // still untouched behind it.
    block_ = cursor_ + kBlockBytes <= ring_.get() + kRingBytes ? cursor_ : ring_.get();
    cursor_ = block_;
}

}  // namespace tracypy::protocol
