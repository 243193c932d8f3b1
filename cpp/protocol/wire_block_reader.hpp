// Compressed blocks in, events out: the other end of wire_block_writer.hpp.
//
// A block may refer back to what the blocks before it unpacked to. As a real viewer does it, blocks are unpacked side
// by side into a ring of three block sizes, so that the last 64 KiB are always still there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace tracypy::protocol {

/// One thread. Any input is safe.
class WireBlockReader {
public:
    WireBlockReader();
    ~WireBlockReader();
    WireBlockReader(const WireBlockReader&) = delete;
    WireBlockReader& operator=(const WireBlockReader&) = delete;

    /// Takes bytes in pieces of any size.
    void feed(std::span<const char> bytes);

    /// The events of the next block, valid until the next call; nothing while it is incomplete. Throws PeerError.
    std::optional<std::span<const char>> next();

    /// Bytes before and after decompression, since the beginning.
    std::uint64_t packed_bytes() const noexcept { return packed_bytes_; }
    std::uint64_t raw_bytes() const noexcept { return raw_bytes_; }

private:
    struct Stream;  // lz4's, so that only the source file sees lz4.h

    std::unique_ptr<char[]> ring_;
    std::unique_ptr<Stream> stream_;
    std::size_t offset_ = 0;  // in the ring
    std::string input_;
    std::size_t taken_ = 0;  // of the input
    std::uint64_t packed_bytes_ = 0;
    std::uint64_t raw_bytes_ = 0;
};

}  // namespace tracypy::protocol
