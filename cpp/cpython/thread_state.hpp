// The calling thread's buffer.
#pragma once

#include <string_view>
#include <vector>

#include "cpython/compat.hpp"
#include "cpython/process_recorder.hpp"

/// Before what is each thread's: one load instead of a call into the loader, per event. glibc keeps some room for
/// libraries that want that and come later; musl's loader refuses them.
#if defined(__GLIBC__)
#define TRACYPY_NEAR_TLS __attribute__((tls_model("initial-exec")))
#else
#define TRACYPY_NEAR_TLS
#endif

namespace tracypy::cpython {

/// Never null: a thread that has no buffer yet has one whose epoch matches no session.
TRACYPY_NEAR_TLS
extern thread_local constinit recorder::ThreadBuffer* t_buffer;

/// It belongs to the session that goes on; so there is one: no buffer has the epoch 0.
inline bool is_ready(const recorder::ThreadBuffer* buffer) noexcept {
    return buffer->epoch.load(std::memory_order_relaxed) == process_recorder().epoch();
}

/// The slow path of every event: makes the calling thread's buffer ready. Null without a session. Holds the GIL.
recorder::ThreadBuffer* ready_buffer_slow() noexcept;

/// While it lives, what the calling thread does is not recorded: it works for us, and not for the program. On a thread
/// that has no buffer.
class Unrecorded {
public:
    Unrecorded() noexcept;
    ~Unrecorded();
    Unrecorded(const Unrecorded&) = delete;
    Unrecorded& operator=(const Unrecorded&) = delete;
};

/// The calling thread's buffer during a session, else null.
inline recorder::ThreadBuffer* ready_buffer() noexcept {
    recorder::ThreadBuffer* const buffer = t_buffer;
    if (is_ready(buffer)) [[likely]] {
        return buffer;
    }
    return ready_buffer_slow();
}

/// Runs `work(argument)` while no other thread is inside a handler of ours (with_world_stopped), and none writes
/// without the interpreter: as the recorder's control wants it.
void with_writers_stopped(void (*work)(void*), void* argument) noexcept;

struct RunningThread {
    PyThreadState* state;
    unsigned long ident;
    std::uint64_t native_id;
};
/// All threads that have a state in this interpreter. With the world stopped.
std::vector<RunningThread> running_threads();

/// The same of a thread that does not hold the interpreter. Null without a session, or without memory. The caller is
/// inside the gate then (recorder/writer_gate.hpp), and leaves it.
recorder::ThreadBuffer* enter_slow() noexcept;

/// What the program calls the calling thread, in place of its name in `threading`. Any thread.
void name_this_thread(std::string_view name);

/// Looks up the calling thread's name, if it has a row. Holds the GIL.
void look_up_name() noexcept;
/// Looks up the names of all threads that have a row. Holds the GIL.
void refresh_all_names() noexcept;
/// In a forked child: the inherited buffer is gone.
void forget_buffer() noexcept;

}  // namespace tracypy::cpython
