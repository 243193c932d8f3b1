#include "protocol/block_writer.hpp"

#include <lz4.h>

#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

constexpr int kLargestFrame = LZ4_COMPRESSBOUND(BlockWriter::kBlockBytes);
constexpr int kAcceleration = 1;

}  // namespace

struct BlockWriter::Stream {
    LZ4_stream_t state;
};

BlockWriter::BlockWriter(OutputBuffer& output)
    : output_(output), ring_(new char[kRingBytes]), stream_(new Stream), block_(ring_.get()), cursor_(block_) {
    LZ4_initStream(&stream_->state, sizeof(stream_->state));
}

BlockWriter::~BlockWriter() = default;

void BlockWriter::flush() {
    if (empty()) return;
    const auto raw = static_cast<int>(cursor_ - block_);
    char* const frame = output_.prepare(sizeof(std::uint32_t) + kLargestFrame);
    const int packed = LZ4_compress_fast_continue(&stream_->state, block_, frame + sizeof(std::uint32_t), raw,
                                                  kLargestFrame, kAcceleration);
    put(frame, static_cast<std::uint32_t>(packed));
    output_.append_prepared(sizeof(std::uint32_t) + static_cast<std::size_t>(packed));
    raw_bytes_ += static_cast<std::uint64_t>(raw);
    packed_bytes_ += sizeof(std::uint32_t) + static_cast<std::uint64_t>(packed);
    // The next block needs a whole block's room. Back at the start of the ring, the last 64 KiB before the jump are
    // still untouched behind it.
    block_ = cursor_ + kBlockBytes <= ring_.get() + kRingBytes ? cursor_ : ring_.get();
    cursor_ = block_;
}

}  // namespace tracypy::protocol
