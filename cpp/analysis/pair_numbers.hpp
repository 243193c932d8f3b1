// Dense numbers for pairs of 32-bit numbers.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace tracypy::analysis {

/// In loops `first` is the same as the time before for most of a `second`, so the last answer is kept for each.
class PairNumbers {
public:
    /// The number of the pair: from 0, in the order in which they are first seen.
    std::uint32_t of(std::uint32_t first, std::uint32_t second) {
        if (second >= last_.size()) last_.resize(second + std::size_t{1}, {0, kNone});
        Last& last = last_[second];
        if (last.number != kNone && last.first == first) return last.number;
        const std::uint64_t key = static_cast<std::uint64_t>(first) << 32 | second;
        last = {first, numbers_.try_emplace(key, static_cast<std::uint32_t>(numbers_.size())).first->second};
        return last.number;
    }

private:
    static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
    struct Last {
        std::uint32_t first, number;
    };
    std::vector<Last> last_;
    std::unordered_map<std::uint64_t, std::uint32_t> numbers_;
};

}  // namespace tracypy::analysis
