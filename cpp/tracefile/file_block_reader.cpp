#include "tracefile/file_block_reader.hpp"

#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <new>

namespace tracypy::tracefile {
namespace {

/// No writer makes a larger block; a larger size is damage, and must not become an allocation.
constexpr std::size_t kMaxCompressed = kBlockBytes + kBlockBytes / 16 + 1024;

[[noreturn]] void fail_at_end() {
    throw FormatError("the trace file ends too early: it is incomplete or damaged");
}

}  // namespace

struct FileBlockReader::Stream {
    explicit Stream(Codec codec)
        : lz4(codec == Codec::Lz4 ? LZ4_createStreamDecode() : nullptr, LZ4_freeStreamDecode),
          zstd(codec == Codec::Zstd ? ZSTD_createDStream() : nullptr, ZSTD_freeDStream) {
        if (!lz4 && !zstd) throw std::bad_alloc();
        if (lz4) LZ4_setStreamDecode(lz4.get(), nullptr, 0);
    }

    /// LZ4 refers to the block before, which stays in the other buffer.
    std::size_t decompress(const std::vector<char>& from) {
        active ^= 1;
        std::array<char, kBlockBytes>& to = buffers[active];
        if (lz4) {
            const int size = LZ4_decompress_safe_continue(lz4.get(), from.data(), to.data(),
                                                          static_cast<int>(from.size()), static_cast<int>(to.size()));
            if (size <= 0) throw FormatError("the trace file is damaged: a block does not decompress");
            return static_cast<std::size_t>(size);
        }
        ZSTD_inBuffer in{from.data(), from.size(), 0};
        ZSTD_outBuffer out{to.data(), to.size(), 0};
        while (in.pos < in.size && out.pos < out.size) {
            const std::size_t before = in.pos + out.pos;
            const std::size_t result = ZSTD_decompressStream(zstd.get(), &out, &in);
            if (ZSTD_isError(result) || in.pos + out.pos == before) {
                throw FormatError("the trace file is damaged: a block does not decompress");
            }
        }
        if (out.pos == 0) throw FormatError("the trace file is damaged: a block is empty");
        return out.pos;
    }

    std::unique_ptr<LZ4_streamDecode_t, decltype(&LZ4_freeStreamDecode)> lz4;
    std::unique_ptr<ZSTD_DStream, decltype(&ZSTD_freeDStream)> zstd;
    std::array<std::array<char, kBlockBytes>, 2> buffers{};
    std::size_t active = 1;
};

FileBlockReader::FileBlockReader(io::ByteSource& source) : source_(source) {
    char magic[4];
    if (!read_exactly(magic, sizeof(magic))) throw FormatError("not a Tracy trace: the file is empty or too short");
    Codec codec = Codec::Lz4;
    std::uint8_t streams = 1;
    if (std::memcmp(magic, kContainerMagic, sizeof(magic)) == 0) {
        char header[2];
        if (!read_exactly(header, sizeof(header))) fail_at_end();
        if (header[0] != 0 && header[0] != 1) throw FormatError("the trace file uses an unknown compression");
        codec = static_cast<Codec>(header[0]);
        streams = static_cast<std::uint8_t>(header[1]);
        if (streams == 0) throw FormatError("the trace file is damaged: it has no streams");
    } else if (std::memcmp(magic, kOldZstdMagic, sizeof(magic)) == 0) {
        codec = Codec::Zstd;
    } else if (std::memcmp(magic, kOldLz4Magic, sizeof(magic)) != 0) {
        throw FormatError("not a Tracy trace");
    }
    for (int i = 0; i < streams; ++i) streams_.push_back(std::make_unique<Stream>(codec));
}

FileBlockReader::~FileBlockReader() = default;

bool FileBlockReader::read_exactly(char* to, std::size_t bytes) {
    const std::size_t size = source_.read(to, bytes);
    compressed_bytes_ += size;
    return size == bytes;
}

bool FileBlockReader::next_block() {
    std::uint32_t size;
    if (!read_exactly(reinterpret_cast<char*>(&size), sizeof(size))) return false;
    if (size == 0 || size > kMaxCompressed) throw FormatError("the trace file is damaged: a block has no valid size");
    compressed_.resize(size);
    if (!read_exactly(compressed_.data(), size)) fail_at_end();
    Stream& stream = *streams_[current_];
    before_ += available_;
    available_ = stream.decompress(compressed_);
    block_ = stream.buffers[stream.active].data();
    offset_ = 0;
    current_ = (current_ + 1) % streams_.size();
    return true;
}

bool FileBlockReader::at_end() {
    return offset_ == available_ && !next_block();
}

void FileBlockReader::get_bytes(void* to, std::size_t bytes) {
    char* cursor = static_cast<char*>(to);
    while (bytes > 0) {
        if (at_end()) fail_at_end();
        const std::size_t size = std::min(bytes, available_ - offset_);
        std::memcpy(cursor, block_ + offset_, size);
        offset_ += size;
        cursor += size;
        bytes -= size;
    }
}

// The length may be damaged: memory grows with what is really there.
std::string FileBlockReader::get_text(std::uint64_t bytes) {
    std::string text;
    while (bytes > 0) {
        if (at_end()) fail_at_end();
        const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, available_ - offset_));
        text.append(block_ + offset_, size);
        offset_ += size;
        bytes -= size;
    }
    return text;
}

void FileBlockReader::skip(std::uint64_t bytes) {
    while (bytes > 0) {
        if (at_end()) fail_at_end();
        const std::uint64_t size = std::min<std::uint64_t>(bytes, available_ - offset_);
        offset_ += static_cast<std::size_t>(size);
        bytes -= size;
    }
}

void FileBlockReader::skip(std::uint64_t count, std::size_t bytes) {
    if (count > UINT64_MAX / bytes) throw FormatError("the trace file is damaged: a list has no valid length");
    skip(count * bytes);
}

}  // namespace tracypy::tracefile
