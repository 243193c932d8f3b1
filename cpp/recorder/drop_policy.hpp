// What becomes of events when the sink is slower than the program: their thread waits, or they are left out. The memory
// cap holds either way, and what is lost is counted.
//
// Any thread.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>

#include "recorder/chunk.hpp"

namespace tracypy::recorder {

/// What a writer does when the memory cap is reached because the sink is slower than the program.
enum class FullPolicy : std::uint8_t {
    Wait,  // until there is room; skips when the sink makes no progress at all for kStallSeconds
    Skip,  // leave out whole calls until there is room
};

/// What can be lost.
enum class Lost : std::uint8_t {
    Zone,        // there was no room
    Markup,      // a text or a value of a zone, likewise
    Mark,        // a frame mark, likewise
    Event,       // another event beside the zones, such as a message, likewise
    NotFinite,   // a point of a plot that no curve has: NaN or infinite
    LockThread,  // a thread's use of a lock that so many others use that a viewer has no place for one more
    Row,         // a row of a fiber's own: there was none left
    Image,       // a picture of a frame: too many waited to be made small
    GpuZone,     // a zone of a GPU: so many others wait for their times
    Deep,        // a zone on a thread whose stack of open zones could not grow any more
};
inline constexpr std::size_t kLostKinds = 1 + static_cast<std::size_t>(Lost::Deep);

class DropPolicy {
public:
    static constexpr double kStallSeconds = 2.0;
    /// How often somebody tries at most: another thread may be faster and take the room that one waited for. After so
    /// many times there is no memory at all.
    static constexpr int kMostTries = 1000;

    /// `epoch`: of the recorder. Who waits stops waiting when it changes.
    DropPolicy(ChunkPool& pool, const std::atomic<std::uint64_t>& epoch) noexcept : pool_(pool), epoch_(epoch) {}

    void set_full(FullPolicy policy) noexcept { full_.store(policy, std::memory_order_relaxed); }
    /// Runs `wait(policy)` while the interpreter can go on: set once by the layer that knows how to let go of it.
    using Blocking = void (*)(void (*wait)(DropPolicy&), DropPolicy&);
    void set_blocking(Blocking blocking) noexcept { blocking_ = blocking; }

    // --- writers ---
    /// Waits, in `blocking`, until there is room. False when there is no point in waiting (any more).
    bool wait_for_room() noexcept;
    /// Waits for a moment, without letting go of anything: for a writer inside something that nobody may interrupt.
    /// False when there is no room all the same.
    bool wait_in_place() noexcept;
    void count(Lost what, std::uint64_t how_many = 1) noexcept {
        lost_[static_cast<std::size_t>(what)].fetch_add(how_many, std::memory_order_relaxed);
    }
    /// Since ever.
    std::uint64_t lost(Lost what) const noexcept {
        return lost_[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
    }

    // --- control and the drain ---
    void start_session() noexcept { is_stalled_.store(false, std::memory_order_relaxed); }
    /// The epoch has changed: who waits looks up.
    void wake() noexcept { room_.notify_all(); }
    /// The sink has taken so much, not nothing.
    void progressed(std::size_t words) noexcept;

    // --- fork ---
    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }
    /// In the child, where nobody waits.
    void forget_waiting() noexcept;

private:
    static void wait_until_room(DropPolicy& self);

    ChunkPool& pool_;
    const std::atomic<std::uint64_t>& epoch_;
    std::atomic<FullPolicy> full_{FullPolicy::Wait};
    Blocking blocking_ = nullptr;
    std::array<std::atomic<std::uint64_t>, kLostKinds> lost_{};
    std::mutex mutex_;
    std::condition_variable room_;  // signalled by the drain after it freed memory
    std::uint64_t drained_ = 0;     // mutex_: words, by which a waiting writer sees progress
    std::atomic<int> waiting_{0};
    std::atomic<bool> is_slow_{false};     // it was no use to wait in place
    std::atomic<bool> is_stalled_{false};  // the sink made no progress for kStallSeconds: do not wait again
};

}  // namespace tracypy::recorder
