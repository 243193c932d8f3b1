// A thread of ours in a process of theirs.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>

namespace tracypy::drivers {

/// Makes the room that the C++ library needs for the exceptions of the calling thread. Else it does so when the first
/// one is thrown; when that is std::bad_alloc, glibc finds no memory for it either, and ends the process.
void make_room_for_exceptions() noexcept;

/// Takes no signals: those belong to the host program. Not to be started or joined by two threads at once.
class BackgroundThread {
public:
    /// `name` is what debuggers and system monitors show, at most 15 characters, and lives on. Throws std::system_error
    /// when the system has no thread to give. After join() it may be started again.
    void start(const char* name, std::function<void()> run);

    /// Returns when the thread is gone, for the system too. Does nothing when it does not run.
    void join();

private:
    std::thread thread_;
    std::atomic<std::uint64_t> number_{0};  // the system's
};

}  // namespace tracypy::drivers
