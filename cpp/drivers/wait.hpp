// Waiting for a background thread, by a thread of the host.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

namespace tracypy::drivers {

inline constexpr std::int64_t kNsPerMs = 1'000'000;

/// Set once, by the thread that has finished; wakes whoever waits. Any thread.
class DoneFlag {
public:
    void set() noexcept;
    // Acquire: whoever sees the flag sees what was done before.
    bool is_set() const noexcept { return is_set_.load(std::memory_order_acquire); }
    void wait() noexcept;
    /// Returns when it is set, or after `longest`.
    void wait_for(std::chrono::microseconds longest) noexcept;

private:
    std::atomic<bool> is_set_{false};
    std::mutex mutex_;
    std::condition_variable was_set_;
};

/// Returns when `done` is set, or when `is_over`, which is asked at least every 20 ms. Asks `keep_waiting`, when there
/// is one, about ten times a second; after false, or what it throws, `give_up` is called, once, and has to see to it
/// that it is soon over. What was thrown is thrown again then.
void wait_until(
    DoneFlag& done, const std::function<bool()>& keep_waiting, const std::function<void()>& give_up,
    const std::function<bool()>& is_over = [] { return false; });

}  // namespace tracypy::drivers
