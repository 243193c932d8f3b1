// Events in, compressed blocks out.
//
// The stream after the welcome is a sequence of blocks: size u32, then one LZ4 block of that size which unpacks to at
// most 256 KiB of whole events. A block may refer back to what the blocks before it unpacked to, at most 64 KiB; for
// that, blocks are written side by side into a buffer of three block sizes and stay there for a while.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "protocol/output_buffer.hpp"

namespace tracypy::protocol {

/// What a connection's blocks are made of. Both are LZ4: a block of literals alone is the text itself behind its
/// length. Compressing takes four times as long as encoding did (measured: 60 million zones per second encoded and
/// stored, 11 compressed), and over a loopback bytes cost next to nothing, while the processor is shared with the
/// program.
enum class Packing : std::uint8_t { Stored, Compressed };

/// One thread. Usage: take `cursor()`, write at most up to `limit()`, hand the new position back with `advance`.
class WireBlockWriter {
public:
    static constexpr std::size_t kBlockBytes = 256 * 1024;

    WireBlockWriter(OutputBuffer& output, Packing packing);
    ~WireBlockWriter();
    WireBlockWriter(const WireBlockWriter&) = delete;
    WireBlockWriter& operator=(const WireBlockWriter&) = delete;

    char* cursor() const noexcept { return cursor_; }
    const char* limit() const noexcept { return block_ + kBlockBytes; }
    void advance(char* cursor) noexcept { cursor_ = cursor; }

    /// The cursor, with room for `bytes` (at most kBlockBytes) before the limit.
    char* reserve(std::size_t bytes) {
        if (static_cast<std::size_t>(limit() - cursor_) < bytes) flush();
        return cursor_;
    }

    bool empty() const noexcept { return cursor_ == block_; }

    /// From the next block on; at any time.
    void set_packing(Packing packing);

    /// Sends what was written so far as a block of its own; nothing when that is nothing.
    void flush();

    /// Bytes before and after compression, since the beginning.
    std::uint64_t raw_bytes() const noexcept { return raw_bytes_; }
    std::uint64_t packed_bytes() const noexcept { return packed_bytes_; }

private:
    struct Stream;  // lz4's, so that only the source file sees lz4.h

    static constexpr std::size_t kRingBytes = 3 * kBlockBytes;

    std::size_t pack(char* to, std::size_t raw);

    OutputBuffer& output_;
    std::unique_ptr<char[]> ring_;
    std::unique_ptr<Stream> stream_;  // none when stored
    char* block_;
    char* cursor_;
    std::uint64_t raw_bytes_ = 0;
    std::uint64_t packed_bytes_ = 0;
};

}  // namespace tracypy::protocol
