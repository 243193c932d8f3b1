// Which blocks of memory a session has seen allocated and not freed. What it makes of steps that do not fit, so that
// every allocation has at most one free, and every free its allocation:
//
//     an address that is allocated twice   the first block is freed first
//     a free of what is not known          is left out: the block is older than the session, or was left out itself
//
// Each sink that needs it has one: what is known begins with the session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/address_map.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::events {

/// One thread.
class LiveBlocks {
public:
    static constexpr std::size_t kUnlimited = static_cast<std::size_t>(-1);

    explicit LiveBlocks(std::size_t most = kUnlimited) noexcept : most_(most) {}

    /// free(address, value) for each block that ends; allocate() for the one that begins, which returns its value, and
    /// which free() gets once more. False: the step is left out.
    template <typename Allocate, typename Free>
    bool take(const MemoryStep& step, const Allocate& allocate, const Free& free) {
        base::AddressMap& pool = pools_[step.pool];
        if (step.action == MemoryAction::Discard) return discard(pool, free);
        const std::optional<std::uint64_t> known = pool.take(step.address);
        if (known) {
            --size_;
            free(step.address, *known);
        }
        if (step.action == MemoryAction::Free) return known.has_value();
        if (size_ >= most_ || step.address == 0) return false;
        pool.put(step.address, allocate());
        ++size_;
        return true;
    }

    /// Of all pools.
    std::size_t size() const noexcept { return size_; }
    bool is_full() const noexcept { return size_ >= most_; }

private:
    template <typename Free>
    bool discard(base::AddressMap& pool, const Free& free) {
        size_ -= pool.size();
        pool.take_all(free);
        return true;
    }

    std::size_t most_;
    std::size_t size_ = 0;
    std::unordered_map<base::StringId, base::AddressMap> pools_;
};

}  // namespace tracypy::events
