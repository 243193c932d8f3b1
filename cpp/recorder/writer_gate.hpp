// What holds up writers that have no interpreter to wait for: native threads, and those that have let go of the GIL.
//
// Such a writer stays inside the gate for as long as it works on its buffer. Whoever stops the world closes the gate,
// and goes on when nobody is inside any more. A writer never waits for anything long in there: where it has to wait for
// room it leaves, and comes in again, as another one lets go of the GIL and takes it back.
//
// Threading contract: a mark is set by its writer alone. Closing and opening nest; one thread at a time does so.
#pragma once

#include <atomic>

#include "base/asymmetric_fence.hpp"

namespace tracypy::recorder {

class WriterGate {
public:
    /// One writer's: it is inside. Release when it leaves, so that what it has written is seen.
    using Mark = std::atomic<bool>;

    /// Before the first time: from then on closing the gate has somebody to look for.
    void expect_writers() noexcept;

    // --- a writer ---
    /// False: the gate is closed, and nothing happened.
    bool try_enter(Mark& mark) noexcept {
        mark.store(true, std::memory_order_relaxed);
        base::light_fence();
        if (closed_.load(std::memory_order_acquire) == 0) [[likely]] {
            return true;
        }
        leave(mark);
        return false;
    }
    /// Waits while it is closed.
    void enter(Mark& mark) noexcept {
        while (!try_enter(mark)) pause();
    }
    static void leave(Mark& mark) noexcept { mark.store(false, std::memory_order_release); }

    // --- who stops the world ---
    /// From now on nobody comes in. False: nobody ever does, so there is no mark to look at.
    bool close() noexcept;
    void open() noexcept { closed_.fetch_sub(1, std::memory_order_release); }
    static void pause() noexcept;

    /// In a forked child, where nobody will open it, and nobody is inside.
    void renew() noexcept { closed_.store(0, std::memory_order_relaxed); }

private:
    std::atomic<int> closed_{0};
    std::atomic<bool> has_writers_{false};
};

}  // namespace tracypy::recorder
