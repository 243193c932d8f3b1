#include "tracefile/file_block_writer.hpp"

#include <lz4.h>
#include <zstd.h>

#include <algorithm>
#include <new>

namespace tracypy::tracefile {

/// LZ4's history is the caller's memory: the block before must stay where it was, hence two buffers in turn. Each has
/// room for one record past its end; that excess moves to the start of the next block.
struct FileBlockWriter::Stream {
    explicit Stream(const Compression& compression)
        : lz4(compression.codec == Codec::Lz4 ? LZ4_createStream() : nullptr, LZ4_freeStream),
          zstd(compression.codec == Codec::Zstd ? ZSTD_createCCtx() : nullptr, ZSTD_freeCCtx) {
        if (!lz4 && !zstd) throw std::bad_alloc();
        if (zstd) {
            ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_compressionLevel, compression.level);
            ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_contentSizeFlag, 0);
        }
    }

    /// `ends_zstd_frame`: what comes next does not refer to what was before. Zstandard only.
    std::size_t compress(std::size_t bytes, bool ends_zstd_frame, std::string& out) {
        const char* const source = buffers[active].data();
        if (lz4) {
            active ^= 1;
            return static_cast<std::size_t>(LZ4_compress_fast_continue(
                lz4.get(), source, out.data(), static_cast<int>(bytes), static_cast<int>(out.size()), 1));
        }
        ZSTD_inBuffer from{source, bytes, 0};
        ZSTD_outBuffer to{out.data(), out.size(), 0};
        const std::size_t left =
            ZSTD_compressStream2(zstd.get(), &to, &from, ends_zstd_frame ? ZSTD_e_end : ZSTD_e_flush);
        if (left != 0)
            throw base::Error(base::problem<base::ErrorCode::TraceNotWritten>("Zstandard cannot compress a block"));
        return to.pos;
    }

    std::unique_ptr<LZ4_stream_t, decltype(&LZ4_freeStream)> lz4;
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> zstd;
    std::array<std::array<char, kBlockBytes + kMaxRecord>, 2> buffers;
    std::size_t active = 0;
};

FileBlockWriter::FileBlockWriter(io::ByteSink& sink, const Compression& compression)
    : sink_(&sink),
      compressed_(std::max<std::size_t>(LZ4_COMPRESSBOUND(kBlockBytes), ZSTD_COMPRESSBOUND(kBlockBytes)), '\0') {
    if (compression.streams == 0)
        throw base::ValueError(base::problem<base::ErrorCode::TraceNotWritten>("a trace file has at least one stream"));
    for (int i = 0; i < compression.streams; ++i) streams_.push_back(std::make_unique<Stream>(compression));
    buffer_ = streams_[0]->buffers[0].data();
    if (compression.workers != 0 && compression.codec == Codec::Zstd && compression.streams == 1) {
        workers_ = std::make_unique<FrameWorkers>(sink, compression.level, compression.workers, kMaxRecord);
        buffer_ = workers_->room();
    }
    std::string header(kContainerMagic, sizeof(kContainerMagic));
    header += static_cast<char>(compression.codec);
    header += static_cast<char>(compression.streams);
    sink_->write(header);
}

FileBlockWriter::FileBlockWriter() {
    streams_.push_back(std::make_unique<Stream>(Compression{}));
    buffer_ = streams_[0]->buffers[0].data();
}

FileBlockWriter::~FileBlockWriter() = default;

void FileBlockWriter::write_block(std::size_t bytes, bool ends_zstd_frame) {
    bytes_in_ += bytes;
    if (sink_ == nullptr) return;
    const auto size = static_cast<std::uint32_t>(streams_[current_]->compress(bytes, ends_zstd_frame, compressed_));
    sink_->write({reinterpret_cast<const char*>(&size), sizeof(size)});
    sink_->write({compressed_.data(), size});
}

void FileBlockWriter::write_full_run() {
    bytes_in_ += kBlockBytes;
    used_ -= kBlockBytes;
    buffer_ += kBlockBytes;
    if (++run_blocks_ < FrameWorkers::kRunBlocks) return;
    char* const next = workers_->room();
    std::memcpy(next, buffer_, used_);
    workers_->put(FrameWorkers::kRunBytes);
    buffer_ = next;
    run_blocks_ = 0;
}

/// The run as it is, and all of those before, reach the sink.
void FileBlockWriter::end_run(std::size_t bytes_in_last) {
    const std::size_t bytes = run_blocks_ * kBlockBytes + bytes_in_last;
    bytes_in_ += bytes_in_last;
    if (bytes != 0) {
        char* const next = workers_->room();
        workers_->put(bytes);
        buffer_ = next;
    }
    workers_->drain();
    run_blocks_ = used_ = 0;
}

void FileBlockWriter::write_full_block() {
    if (workers_) return write_full_run();
    const char* const excess = buffer_ + kBlockBytes;
    const std::size_t excess_bytes = used_ - kBlockBytes;
    write_block(kBlockBytes);
    current_ = (current_ + 1) % streams_.size();
    Stream& next = *streams_[current_];
    buffer_ = next.buffers[next.active].data();
    std::memmove(buffer_, excess, excess_bytes);
    used_ = excess_bytes;
}

void FileBlockWriter::put_bytes(std::string_view bytes) {
    while (!bytes.empty()) {
        char* const at = cursor();
        const std::size_t size = std::min(bytes.size(), kBlockBytes + kMaxRecord - used_);
        std::memcpy(at, bytes.data(), size);
        used_ += size;
        bytes.remove_prefix(size);
    }
}

void FileBlockWriter::put_blocks(std::string_view compressed, std::size_t blocks) {
    if (streams_.size() != 1 || !streams_[0]->zstd || (used_ != 0 && used_ != kBlockBytes)) {
        throw base::Error(base::problem<base::ErrorCode::TraceNotWritten>(
            "blocks can only follow whole blocks, in one stream of Zstandard"));
    }
    if (workers_) {
        end_run(used_);
    } else if (used_ != 0) {
        write_block(used_, true);
    }
    used_ = 0;
    bytes_in_ += blocks * kBlockBytes;
    sink_->write(compressed);
}

void FileBlockWriter::finish() {
    if (used_ > kBlockBytes) write_full_block();
    if (workers_) return end_run(used_);
    if (used_ > 0) write_block(used_);
    used_ = 0;
}

}  // namespace tracypy::tracefile
