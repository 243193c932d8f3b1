// LZ4 frames out of a file, one after the other or by their places. Knows nothing of what is in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "io/byte_stream.hpp"

namespace tracypy::journal {

/// Where a packet lies in the file.
struct PacketPlace {
    std::uint64_t offset;
    std::uint64_t bytes;
};

/// One thread. Views of contents are valid until the next call.
class PacketReader {
public:
    /// As much is read at once.
    static constexpr std::size_t kInputBytes = 512 * 1024;

    /// `offset`: of the first packet. `source` must outlive it.
    PacketReader(io::SeekableSource& source, std::uint64_t offset, std::size_t input_bytes = kInputBytes);
    ~PacketReader();

    struct Packet {
        PacketPlace place;
        std::string_view content;
    };
    /// Nothing at the end, and when what follows is not a whole packet with a right checksum.
    std::optional<Packet> next();
    /// Where the next packet starts; where the file stops being good, once there is none.
    std::uint64_t offset() const noexcept { return offset_; }
    /// A packet that next() gave before, after which next() is of no use. Nothing if it is not there any more.
    std::optional<std::string_view> at(const PacketPlace& place);

private:
    struct Decompressor;

    bool refill();
    std::optional<std::string_view> decompress();

    io::SeekableSource& source_;
    std::unique_ptr<Decompressor> decompressor_;
    // Not cleared: memory that a short journal does not use costs nothing.
    std::size_t input_size_;
    std::unique_ptr<char[]> input_;
    std::size_t input_begin_ = 0;  // not yet used
    std::size_t input_end_ = 0;
    std::uint64_t offset_;  // in the file, of input_begin_
    bool refills_ = true;
    std::unique_ptr<char[]> content_;
};

}  // namespace tracypy::journal
