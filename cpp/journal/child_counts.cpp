#include "journal/child_counts.hpp"

#include <algorithm>

namespace tracypy::journal {

void ChildCounts::put_bits(Bits bits, unsigned count) {
    std::vector<Bits>& block = packed_.back();
    block.back() |= bits << bit_;
    if (bit_ + count >= kBits) block.push_back(bit_ == 0 ? 0 : bits >> (kBits - bit_));
    bit_ = (bit_ + count) % kBits;
}

void ChildCounts::pack() {
    packed_.emplace_back(1);
    packed_.back().reserve(recent_.size() / 32 + 2);
    bit_ = 0;
    for (const std::uint8_t count : recent_) {
        const Bits ones = (Bits{1} << count) - 1;
        put_bits(ones, count == kElsewhere ? kElsewhere : count + 1u);
    }
    packed_.back().push_back(0);
    packed_.back().shrink_to_fit();
    first_ += recent_.size();
    recent_.clear();
}

void ChildCounts::finish() {
    size_ = first_ + recent_.size();
    if (!recent_.empty()) pack();
    recent_.shrink_to_fit();
    std::sort(elsewhere_.begin(), elsewhere_.end(),
              [](const Elsewhere& left, const Elsewhere& right) { return left.zone < right.zone; });
    bit_ = 0;
    left_in_block_ = std::min<std::uint64_t>(size_, kRecentZones);
}

void ChildCounts::next_block() {
    packed_[block_++] = {};
    word_ = 0;
    bit_ = 0;
    left_in_block_ = std::min<std::uint64_t>(size_ - block_ * kRecentZones, kRecentZones);
}

std::size_t ChildCounts::memory_bytes() const noexcept {
    std::size_t bytes = recent_.capacity() + elsewhere_.capacity() * sizeof(Elsewhere);
    for (const std::vector<Bits>& block : packed_) bytes += block.capacity() * sizeof(Bits) + sizeof(block);
    return bytes;
}

}  // namespace tracypy::journal
