#include "drivers/background_thread.hpp"

#include <exception>
#include <utility>

#include "io/process.hpp"

namespace tracypy::drivers {

void make_room_for_exceptions() noexcept {
    // Volatile: the compiler knows that asking changes nothing, and leaves it out.
    [[maybe_unused]] const volatile int exceptions = std::uncaught_exceptions();
}

void BackgroundThread::start(const char* name, std::function<void()> run) {
    const io::SignalsBlocked blocked;
    thread_ = std::thread([this, name, run = std::move(run)] {
        io::name_this_thread(name);
        make_room_for_exceptions();
        number_.store(io::thread_number(), std::memory_order_relaxed);
        run();
    });
}

void BackgroundThread::join() {
    if (!thread_.joinable()) return;
    thread_.join();
    io::wait_until_reaped(number_.load(std::memory_order_relaxed));
}

}  // namespace tracypy::drivers
