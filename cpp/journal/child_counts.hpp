// How many children each zone of a thread has, in the order in which the zones began.
//
// A file states it before the children, so it has to be known for all zones at once: this is the memory that making a
// trace takes. A count is so many one bits and a zero; as every zone is at most one other's child, that makes two bits
// for each zone. Large counts, and those of zones that stayed open for long, are kept aside.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tracypy::journal {

/// One thread. First add() and set(), then finish(), then next().
class ChildCounts {
public:
    /// A zone begins; its index.
    std::uint64_t add() {
        if (recent_.size() == kRecentZones) pack();
        recent_.push_back(kElsewhere);
        return first_ + recent_.size() - 1;
    }
    /// The zone has ended, with so many children.
    void set(std::uint64_t zone, std::uint32_t children) {
        if (zone >= first_ && children < kElsewhere) [[likely]] {
            recent_[static_cast<std::size_t>(zone - first_)] = static_cast<std::uint8_t>(children);
        } else {
            elsewhere_.push_back({zone, children});
        }
    }
    /// Every zone has its number.
    void finish();

    std::uint64_t size() const noexcept { return size_; }
    /// Of the next zone in order; at most size() times.
    std::uint32_t next() {
        const unsigned count = next_packed();
        return count != kElsewhere ? count : elsewhere_[next_elsewhere_++].children;
    }
    std::size_t memory_bytes() const noexcept;

private:
    using Bits = std::uint64_t;
    static constexpr unsigned kBits = 64;
    static constexpr std::size_t kRecentZones = 64 * 1024;
    static constexpr std::uint8_t kElsewhere = 63;  // that many ones, and no zero
    struct Elsewhere {
        std::uint64_t zone;
        std::uint32_t children;
    };

    void pack();
    void put_bits(Bits bits, unsigned count);
    /// The next 64 bits, the first one lowest.
    Bits peek() const noexcept {
        const std::vector<Bits>& block = packed_[block_];
        const Bits low = block[word_] >> bit_;
        return bit_ == 0 ? low : low | block[word_ + 1] << (kBits - bit_);
    }
    unsigned next_packed() {
        if (left_in_block_ == 0) next_block();
        --left_in_block_;
        const auto ones = static_cast<unsigned>(std::countr_one(peek()));
        const unsigned count = ones < kElsewhere ? ones : kElsewhere;
        bit_ += count == kElsewhere ? kElsewhere : count + 1;
        word_ += bit_ / kBits;
        bit_ %= kBits;
        return count;
    }
    void next_block();

    std::vector<std::uint8_t> recent_;  // kElsewhere for those that are open
    std::uint64_t first_ = 0;           // zone of recent_[0]
    std::uint64_t size_ = 0;
    std::vector<std::vector<Bits>> packed_;  // kRecentZones each, but for the last; then a word of nothing
    std::vector<Elsewhere> elsewhere_;
    std::size_t block_ = 0;  // where the next count is
    std::size_t word_ = 0;
    unsigned bit_ = 0;  // also while packing
    std::uint64_t left_in_block_ = 0;
    std::size_t next_elsewhere_ = 0;
};

}  // namespace tracypy::journal
