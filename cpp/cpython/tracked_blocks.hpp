// The addresses of sampled blocks, so that their frees are known among all the others. Most frees ask for what is not
// here: a small filter answers that by one byte.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/address_map.hpp"

namespace tracypy::cpython {

/// Any thread, with the GIL or without. `lock_` guards the table; who does not get it soon goes on without: a block
/// that is not followed is one that was not sampled, and a free that is not seen ends with the next block at its
/// address.
class TrackedBlocks {
public:
    /// At most; 24 MB. With the default sampling these are 250 GB of live memory.
    static constexpr std::size_t kMost = std::size_t{1} << 19;

    /// Hot: false for nearly all that is not here.
    bool may_have(const void* block) const noexcept {
        return filter_[bucket(block)].load(std::memory_order_relaxed) != 0;
    }
    /// True for every address, or for none.
    void claim_all(bool claims) noexcept;
    void clear() noexcept;

    /// False: there is no room.
    bool add(const void* block, std::size_t domain) noexcept;
    /// The domain that it was added with; nothing if it is not here.
    std::optional<std::size_t> remove(const void* block) noexcept;

    /// In a forked child.
    void renew() noexcept { lock_.store(false, std::memory_order_relaxed); }

private:
    static constexpr std::size_t kBuckets = std::size_t{1} << 14;

    static std::size_t bucket(const void* block) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(block);
        return (address >> 4 ^ address >> 18) & (kBuckets - 1);
    }
    bool try_lock() noexcept;
    void unlock() noexcept { lock_.store(false, std::memory_order_release); }

    std::array<std::atomic<std::uint8_t>, kBuckets> filter_{};  // how many; the highest number stays for good
    std::atomic<bool> lock_{false};
    base::AddressMap blocks_;
};

}  // namespace tracypy::cpython
