// A loop on a thread of its own, and the forks that happen meanwhile.
#pragma once

#include <memory>
#include <mutex>
#include <new>
#include <system_error>
#include <utility>

#include "drivers/background_thread.hpp"

namespace tracypy::drivers {

/// A loop that runs between start and stop, with what tells it what to do.
///
/// Control: `pause`, an atomic flag, with wake() and is_over(). Loop: run(), which returns when paused, and then may be
/// called again, or when over; and close_descriptors(). Leaked in a forked child: it may have been in use there by a
/// thread that the child does not have.
template <typename Control, typename Loop>
struct LoopOnThread {
    template <typename Flag, typename... Words>
    explicit LoopOnThread(Flag& flag, Words&&... words) : control(flag), loop(std::forward<Words>(words)..., control) {}

    /// `name` as BackgroundThread takes it. Throws std::system_error when the system has no thread to give.
    void start_thread(const char* name) {
        thread.start(name, [this] { loop.run(); });
    }

    Control control;
    Loop loop;
    BackgroundThread thread;
};

/// Before a fork. `mutex`, which guards `running`, stays locked until resume_after_fork(), or forget_in_child().
template <typename Running>
void pause_for_fork(std::mutex& mutex, const std::shared_ptr<Running>& running) {
    mutex.lock();
    if (running == nullptr) return;
    running->control.pause.store(true, std::memory_order_release);
    running->control.wake();
    running->thread.join();
}

/// In the parent. `failed()` when the system has no thread to give.
template <typename Running, typename Failed>
void resume_after_fork(std::mutex& mutex, const std::shared_ptr<Running>& running, const char* name,
                       const Failed& failed) {
    if (running != nullptr) {
        running->control.pause.store(false, std::memory_order_release);
        try {
            if (!running->control.is_over()) running->start_thread(name);
        } catch (const std::system_error&) {
            failed();
        }
    }
    mutex.unlock();
}

/// In the child. A thread that it does not have may hold the mutex: it gets a new one.
template <typename Running>
void forget_in_child(std::mutex& mutex, std::shared_ptr<Running>& running) noexcept {
    if (running != nullptr) {
        running->loop.close_descriptors();
        if constexpr (requires { running->control.wakeup; }) running->control.wakeup.close();
        new (std::nothrow) std::shared_ptr<Running>(std::move(running));
        running = nullptr;
    }
    new (&mutex) std::mutex;
}

}  // namespace tracypy::drivers
