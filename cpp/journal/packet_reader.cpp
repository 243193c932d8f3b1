#include "journal/packet_reader.hpp"

#include <lz4frame.h>

#include <new>

#include "journal/format.hpp"

namespace tracypy::journal {

struct PacketReader::Decompressor {
    Decompressor() {
        if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)) != 0) throw std::bad_alloc();
    }
    ~Decompressor() { LZ4F_freeDecompressionContext(context); }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;

    LZ4F_dctx* context = nullptr;
};

PacketReader::PacketReader(io::SeekableSource& source, std::uint64_t offset, std::size_t input_bytes)
    : source_(source),
      decompressor_(std::make_unique<Decompressor>()),
      input_size_(input_bytes),
      input_(std::make_unique_for_overwrite<char[]>(input_bytes)),
      offset_(offset),
      content_(std::make_unique_for_overwrite<char[]>(kMaxPacketBytes)) {
    source_.seek(offset);
}

PacketReader::~PacketReader() = default;

bool PacketReader::refill() {
    if (!refills_) return false;
    input_begin_ = 0;
    input_end_ = source_.read(input_.get(), input_size_);
    return input_end_ != 0;
}

std::optional<std::string_view> PacketReader::decompress() {
    LZ4F_resetDecompressionContext(decompressor_->context);
    std::size_t size = 0;
    while (true) {
        if (input_begin_ == input_end_ && !refill()) return std::nullopt;
        std::size_t used = input_end_ - input_begin_;
        std::size_t made = kMaxPacketBytes - size;
        const std::size_t left = LZ4F_decompress(decompressor_->context, content_.get() + size, &made,
                                                 input_.get() + input_begin_, &used, nullptr);
        if (LZ4F_isError(left) != 0) return std::nullopt;
        input_begin_ += used;
        offset_ += used;
        size += made;
        if (left == 0) return std::string_view(content_.get(), size);
        if (used == 0 && made == 0) return std::nullopt;  // it holds more than any packet of ours
    }
}

std::optional<PacketReader::Packet> PacketReader::next() {
    const std::uint64_t start = offset_;
    const auto content = decompress();
    if (!content) {
        offset_ = start;
        return std::nullopt;
    }
    return Packet{{start, offset_ - start}, *content};
}

std::optional<std::string_view> PacketReader::at(const PacketPlace& place) {
    if (place.bytes > input_size_) {
        input_size_ = static_cast<std::size_t>(place.bytes);
        input_ = std::make_unique_for_overwrite<char[]>(input_size_);
    }
    source_.seek(place.offset);
    refills_ = false;
    input_begin_ = 0;
    input_end_ = source_.read(input_.get(), static_cast<std::size_t>(place.bytes));
    if (input_end_ != place.bytes) return std::nullopt;
    return decompress();
}

}  // namespace tracypy::journal
