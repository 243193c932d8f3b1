// What happens when the sink is slower than the program: the memory cap holds, and what is lost is told.
#include <chrono>

#include "recorder/recorder.hpp"

namespace tracypy::recorder {

namespace {

constexpr std::int64_t kMakeRoomEveryNs = 100'000'000;

}  // namespace

// Threads that were busy once may hold large chunks that have long been read. The drain gives back what they leave.
void Recorder::make_room() noexcept {
    const std::int64_t now = base::monotonic_ns();
    std::int64_t last = made_room_ns_.load(std::memory_order_relaxed);
    if (stop_world_ == nullptr || now - last < kMakeRoomEveryNs) return;
    if (!made_room_ns_.compare_exchange_strong(last, now, std::memory_order_relaxed)) return;
    stop_world_(
        [](void* self) { static_cast<Recorder*>(self)->for_each([](ThreadBuffer& buffer) { buffer.shrink(); }); },
        this);
}

void Recorder::frame_mark(events::FrameMark::Kind kind, base::StringId name) noexcept {
    if (kind == events::FrameMark::Kind::Continuous && name == base::StringId::None) {
        frames_.fetch_add(1, std::memory_order_relaxed);
    }
    // A mark belongs to no zone: while somebody listens, it is as good in the session after this one.
    for (int tries = 0; epoch() != 0 && !serial_.frame_mark(kind, name); ++tries) {
        if (tries < kMostTries && wait_for_room()) continue;
        if (epoch() != 0) serial_.leave_out(kind, name);
        return;
    }
}

bool Recorder::wait_for_room() noexcept {
    make_room();
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
