#include "drivers/wait.hpp"

#include <exception>

namespace tracypy::drivers {

void DoneFlag::set() noexcept {
    const std::lock_guard lock(mutex_);
    is_set_.store(true, std::memory_order_release);
    was_set_.notify_all();
}

void DoneFlag::wait() noexcept {
    std::unique_lock lock(mutex_);
    was_set_.wait(lock, [this] { return is_set_.load(std::memory_order_relaxed); });
}

void DoneFlag::wait_for(std::chrono::microseconds longest) noexcept {
    std::unique_lock lock(mutex_);
    was_set_.wait_for(lock, longest, [this] { return is_set_.load(std::memory_order_relaxed); });
}

void wait_until(DoneFlag& done, const std::function<bool()>& keep_waiting, const std::function<void()>& give_up,
                const std::function<bool()>& is_over) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kAskInterval{100};
    constexpr std::chrono::milliseconds kNap{20};
    auto ask_at = Clock::now();
    bool is_given_up = false;
    std::exception_ptr problem;
    while (!done.is_set() && !is_over()) {
        if (keep_waiting && !is_given_up && Clock::now() >= ask_at) {
            ask_at = Clock::now() + kAskInterval;
            try {
                is_given_up = !keep_waiting();
            } catch (...) {
                problem = std::current_exception();
                is_given_up = true;
            }
            if (is_given_up) give_up();
        }
        done.wait_for(kNap);
    }
    if (problem) std::rethrow_exception(problem);
}

}  // namespace tracypy::drivers
