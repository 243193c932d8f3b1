// Values in, compressed blocks out.
//
// A file has several streams, each a compressor with its own history; blocks go to them in turn, so that a reader can
// decompress in parallel. More streams cost a little size.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/byte_stream.hpp"
#include "tracefile/format.hpp"
#include "tracefile/frame_workers.hpp"

namespace tracypy::tracefile {

struct Compression {
    Codec codec = Codec::Zstd;
    int level = 3;  // Zstandard only; tracy-capture's is 3
    /// Real captures use up to 4. One makes the smallest file (by 0.1 to 0.5%); loading 2 million zones into a viewer's
    /// tables took 0.19 to 0.38 s from one stream and 0.20 to 0.35 s from four, on two busy cores.
    std::uint8_t streams = 1;
    /// More threads that compress, for Zstandard with one stream: useful_workers().
    unsigned workers = 0;
};

/// One thread. Nothing but whole blocks reaches the sink; finish() writes the rest.
class FileBlockWriter {
public:
    FileBlockWriter(io::ByteSink& sink, const Compression& compression);
    /// One that only counts what a file would hold: for bytes_in().
    FileBlockWriter();
    ~FileBlockWriter();

    /// Room for `kMaxRecord` bytes; say with advance() how far they were filled. The hot path of zones.
    static constexpr std::size_t kMaxRecord = 64;
    char* cursor() {
        if (used_ >= kBlockBytes) [[unlikely]] {
            write_full_block();
        }
        return buffer_ + used_;
    }
    void advance(char* cursor) noexcept { used_ = static_cast<std::size_t>(cursor - buffer_); }

    template <typename T>
    void put(T value) {
        std::memcpy(cursor(), &value, sizeof(T));
        used_ += sizeof(T);
    }
    void put_bytes(std::string_view bytes);
    /// Whole blocks as they are in a file, each with its size in front, in a frame of their own. The last one before
    /// must be full: bytes_in() is a multiple of kBlockBytes. Zstandard with one stream only.
    void put_blocks(std::string_view compressed, std::size_t blocks);
    /// Counts bytes that are not there. Only for one that counts.
    void skip(std::uint64_t bytes) noexcept { bytes_in_ += bytes; }

    void finish();

    std::uint64_t bytes_in() const noexcept { return bytes_in_ + used_; }

private:
    struct Stream;

    void write_full_block();
    void write_full_run();
    void end_run(std::size_t bytes_in_last);
    void write_block(std::size_t bytes, bool ends_zstd_frame = false);

    io::ByteSink* sink_ = nullptr;  // none: only counts
    std::vector<std::unique_ptr<Stream>> streams_;
    std::size_t current_ = 0;
    char* buffer_ = nullptr;
    std::size_t used_ = 0;
    std::uint64_t bytes_in_ = 0;
    std::string compressed_;
    std::unique_ptr<FrameWorkers> workers_;  // in place of the streams
    std::size_t run_blocks_ = 0;             // full ones of the run that is being filled
};

}  // namespace tracypy::tracefile
