// Numbers in as few bits as the largest of their neighbours needs, and the memory they lie in.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace tracypy::analysis {

inline unsigned bits_for(std::uint64_t most) noexcept {
    return static_cast<unsigned>(std::bit_width(most));
}

/// Pieces that stay where they are; behind each one may be read a little further.
class PackedMemory {
public:
    static constexpr std::size_t kReadAhead = 16;

    /// Zeroed.
    std::uint8_t* allocate(std::size_t bytes) {
        if (left_ < bytes) add_chunk(bytes);
        std::uint8_t* const piece = next_;
        next_ += bytes;
        left_ -= bytes;
        return piece;
    }
    std::size_t bytes() const noexcept { return total_; }

private:
    static constexpr std::size_t kFirst = 16 * 1024, kMost = 1024 * 1024;

    void add_chunk(std::size_t least) {
        const std::size_t size = std::max(least, std::clamp(total_, kFirst, kMost));
        chunks_.push_back(std::make_unique<std::uint8_t[]>(size + kReadAhead));
        next_ = chunks_.back().get();
        left_ = size;
        total_ += size;
    }

    std::vector<std::unique_ptr<std::uint8_t[]>> chunks_;
    std::uint8_t* next_ = nullptr;
    std::size_t left_ = 0;
    std::size_t total_ = 0;
};

/// `bits` up to 64. What is there must be zero.
inline void put_bits(std::uint8_t* data, std::size_t at, unsigned bits, std::uint64_t value) noexcept {
    while (bits > 0) {
        const unsigned shift = at & 7;
        const unsigned taken = std::min(bits, 8 - shift);
        data[at >> 3] = static_cast<std::uint8_t>(data[at >> 3] | (value & ((1u << taken) - 1)) << shift);
        value >>= taken;
        at += taken;
        bits -= taken;
    }
}

inline std::uint64_t get_bits(const std::uint8_t* data, std::size_t at, unsigned bits) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, data + (at >> 3), sizeof(word));
    const unsigned shift = at & 7;
    word >>= shift;
    if (bits + shift > 64) [[unlikely]] {
        word |= static_cast<std::uint64_t>(data[(at >> 3) + 8]) << (64 - shift);
    }
    return bits == 64 ? word : word & ((std::uint64_t{1} << bits) - 1);
}

}  // namespace tracypy::analysis
