#include "recorder/drop_policy.hpp"

#include <chrono>
#include <new>
#include <thread>

namespace tracypy::recorder {

bool DropPolicy::wait_for_room() noexcept {
    if (full_.load(std::memory_order_relaxed) == FullPolicy::Skip || blocking_ == nullptr) return false;
    if (is_stalled_.load(std::memory_order_relaxed)) return false;
    waiting_.fetch_add(1, std::memory_order_relaxed);
    blocking_(&DropPolicy::wait_until_room, *this);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return !is_stalled_.load(std::memory_order_relaxed);
}

bool DropPolicy::wait_in_place() noexcept {
    constexpr auto kMost = std::chrono::milliseconds(100);
    constexpr auto kLookAgain = std::chrono::microseconds(200);
    if (full_.load(std::memory_order_relaxed) == FullPolicy::Skip || is_slow_.load(std::memory_order_relaxed)) {
        return pool_.has_room();
    }
    const std::uint64_t started = epoch_.load(std::memory_order_relaxed);
    const auto since = std::chrono::steady_clock::now();
    while (!pool_.has_room() && epoch_.load(std::memory_order_relaxed) == started) {
        if (std::chrono::steady_clock::now() - since > kMost) {
            is_slow_.store(true, std::memory_order_relaxed);
            return false;
        }
        std::this_thread::sleep_for(kLookAgain);
    }
    return epoch_.load(std::memory_order_relaxed) == started;
}

void DropPolicy::wait_until_room(DropPolicy& self) {
    using Clock = std::chrono::steady_clock;
    constexpr auto kLookAgain = std::chrono::milliseconds(20);  // the drain may free memory without our noticing
    std::unique_lock lock(self.mutex_);
    std::uint64_t seen = self.drained_;
    auto progress = Clock::now();
    const std::uint64_t started = self.epoch_.load(std::memory_order_relaxed);
    while (!self.pool_.has_room() && self.epoch_.load(std::memory_order_relaxed) == started) {
        self.room_.wait_for(lock, kLookAgain);
        if (self.drained_ != seen) {
            seen = self.drained_;
            progress = Clock::now();
        } else if (std::chrono::duration<double>(Clock::now() - progress).count() > kStallSeconds) {
            self.is_stalled_.store(true, std::memory_order_relaxed);
            return;
        }
    }
}

void DropPolicy::progressed(std::size_t words) noexcept {
    {
        const std::lock_guard lock(mutex_);
        drained_ += words;
    }
    is_stalled_.store(false, std::memory_order_relaxed);
    is_slow_.store(false, std::memory_order_relaxed);
    if (waiting_.load(std::memory_order_relaxed) != 0) room_.notify_all();
}

void DropPolicy::forget_waiting() noexcept {
    // What threads that are gone have left in it could stop a later one.
    new (&room_) std::condition_variable;
    waiting_.store(0, std::memory_order_relaxed);
}

}  // namespace tracypy::recorder
