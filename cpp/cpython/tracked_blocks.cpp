#include "cpython/tracked_blocks.hpp"

#include <limits>
#include <new>
#include <thread>

namespace tracypy::cpython {
namespace {

constexpr std::uint8_t kMany = std::numeric_limits<std::uint8_t>::max();

std::uint64_t address_of(const void* block) noexcept {
    return reinterpret_cast<std::uintptr_t>(block);
}

}  // namespace

// Not longer than a thread that has it needs: it may be the calling one.
bool TrackedBlocks::try_lock() noexcept {
    constexpr int kTries = 1'000;
    for (int tries = 0; lock_.exchange(true, std::memory_order_acquire); ++tries) {
        if (tries == kTries) return false;
        std::this_thread::yield();
    }
    return true;
}

void TrackedBlocks::claim_all(bool claims) noexcept {
    for (std::atomic<std::uint8_t>& count : filter_) count.store(claims ? kMany : 0, std::memory_order_relaxed);
}

void TrackedBlocks::clear() noexcept {
    claim_all(false);
    if (!try_lock()) return;
    blocks_ = {};
    unlock();
}

bool TrackedBlocks::add(const void* block, std::size_t domain) noexcept {
    if (!try_lock()) return false;
    bool is_new = false;
    bool is_added = false;
    try {
        const std::size_t before = blocks_.size();
        if (before < kMost) {
            blocks_.put(address_of(block), domain);
            is_added = true;
            is_new = blocks_.size() != before;
        }
    } catch (const std::bad_alloc&) {
        // It is not followed.
    }
    std::atomic<std::uint8_t>& count = filter_[bucket(block)];
    const std::uint8_t now = count.load(std::memory_order_relaxed);
    if (is_new && now != kMany) count.store(static_cast<std::uint8_t>(now + 1), std::memory_order_relaxed);
    unlock();
    return is_added;
}

std::optional<std::size_t> TrackedBlocks::remove(const void* block) noexcept {
    if (!try_lock()) return std::nullopt;
    const std::optional<std::uint64_t> domain = blocks_.take(address_of(block));
    std::atomic<std::uint8_t>& count = filter_[bucket(block)];
    const std::uint8_t now = count.load(std::memory_order_relaxed);
    if (domain && now != kMany && now != 0) count.store(static_cast<std::uint8_t>(now - 1), std::memory_order_relaxed);
    unlock();
    return domain;
}

}  // namespace tracypy::cpython
