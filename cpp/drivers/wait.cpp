#include "drivers/wait.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <thread>

namespace tracypy::drivers {

void wait_until(const std::function<bool()>& is_over, const std::function<bool()>& keep_waiting,
                const std::function<void()>& give_up) {
    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::milliseconds kAskInterval{100};
    constexpr std::chrono::milliseconds kLongestNap{20};
    std::chrono::microseconds nap{100};  // what is waited for may take less than a millisecond
    auto ask_at = Clock::now();
    bool is_given_up = false;
    std::exception_ptr problem;
    while (!is_over()) {
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
        std::this_thread::sleep_for(nap);
        nap = std::min<std::chrono::microseconds>(2 * nap, kLongestNap);
    }
    if (problem) std::rethrow_exception(problem);
}

}  // namespace tracypy::drivers
