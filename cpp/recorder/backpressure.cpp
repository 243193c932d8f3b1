// What happens when the sink is slower than the program: the memory cap holds, and what is lost is told.
#include <chrono>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

bool Recorder::wait_for_room() noexcept {
    if (policy_.load(std::memory_order_relaxed) == FullPolicy::Skip || blocking_ == nullptr) return false;
    if (stalled_.load(std::memory_order_relaxed)) return false;
    waiting_.fetch_add(1, std::memory_order_relaxed);
    blocking_(&Recorder::wait_until_room, *this);
    waiting_.fetch_sub(1, std::memory_order_relaxed);
    return !stalled_.load(std::memory_order_relaxed);
}

void Recorder::wait_until_room(Recorder& self) {
    using Clock = std::chrono::steady_clock;
    constexpr auto kLookAgain = std::chrono::milliseconds(20);  // the drain may free memory without our noticing
    std::unique_lock lock(self.room_mutex_);
    std::uint64_t seen = self.drained_words_;
    auto progress = Clock::now();
    const std::uint64_t started = epoch();
    while (!self.pool_.has_room() && epoch() == started) {
        self.room_.wait_for(lock, kLookAgain);
        if (self.drained_words_ != seen) {
            seen = self.drained_words_;
            progress = Clock::now();
        } else if (std::chrono::duration<double>(Clock::now() - progress).count() > kStallSeconds) {
            self.stalled_.store(true, std::memory_order_relaxed);
            return;
        }
    }
}

}  // namespace tracypy::recorder
