// What the operating system tells about this process, and what it has to know about a background thread.
#pragma once

#include <cstdint>
#include <memory>

namespace tracypy::io {

std::uint64_t process_id() noexcept;

/// That process, a process that it has started, or one of theirs, as far as the system tells: elsewhere than on Linux
/// only that process.
bool descends_from(std::uint64_t process, std::uint64_t ancestor) noexcept;

/// Names the calling thread for debuggers and system monitors; at most 15 characters are kept on Linux.
void name_this_thread(const char* name) noexcept;

/// For work that may wait while the program's threads want the processors. Linux only, where each thread has a
/// priority of its own.
void lower_priority_of_this_thread() noexcept;

/// The system's number of the calling thread; 0 where it is not needed.
std::uint64_t thread_number() noexcept;

/// After a join: a thread that was joined is counted by the system for another moment, until it is reaped. Who counts
/// threads (CPython, when it warns about a fork) would find it. Waits for up to a second; Linux only.
void wait_until_reaped(std::uint64_t number) noexcept;

/// The calling thread would end the process by sending itself that signal: it is one that asks for an end, its action
/// is the default one, and nothing holds it back. Always false on Windows.
bool would_end_by(int signal) noexcept;

/// From now on Ctrl-C does not end the process, if it would have, and is noted; for one that is at its end, and has a
/// moment's work left. Nothing on Windows.
void note_interrupts() noexcept;
bool was_interrupted() noexcept;

/// While it lives, threads that the calling thread starts take no signals: those belong to the host program, whose
/// handlers may expect to interrupt its own threads. Nothing on Windows.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept;
    ~SignalsBlocked();
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;

private:
    struct Mask;
    std::unique_ptr<Mask> before_;
};

}  // namespace tracypy::io
