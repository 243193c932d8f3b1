#include "cpython/thread_state.hpp"

#include <string>

#include "base/names.hpp"
#include "cpython/greenlets.hpp"
#include "cpython/thread_names.hpp"

namespace tracypy::cpython {

using recorder::ThreadBuffer;

namespace {

// The buffer of every thread that has none. In a union, so that nothing destroys it at exit.
union NoBuffer {
    ThreadBuffer buffer;
    constexpr NoBuffer() : buffer() {}
    ~NoBuffer() {}
};
constinit NoBuffer g_none;

ThreadBuffer* no_buffer() noexcept {
    return &g_none.buffer;
}

// A thread begins with some calls of `threading` itself, and only then is it listed there: when it has written so many
// words of events. So its name is looked up at the first event, which suffices for any other thread, and then; then at
// each event around there; then more and more seldom. From the last one on, the drain's pokes see to it.
#if PY_VERSION_HEX >= 0x030E0000
constexpr std::size_t kWordsBeforeListed = 22;
#elif PY_VERSION_HEX >= 0x030D0000
constexpr std::size_t kWordsBeforeListed = 20;
#else
constexpr std::size_t kWordsBeforeListed = 26;
#endif
constexpr int kLastTry = 32;
constexpr std::size_t words_until_try(int tries) noexcept {
    return tries == 1 ? kWordsBeforeListed : tries <= 16 ? 0 : 24;
}
thread_local constinit bool t_is_unrecorded = false;
thread_local constinit int t_tries = 0;  // to find this thread's name

// Says goodbye when the thread ends. Touched only when a buffer is claimed, so that other threads never pay for it.
struct ExitGuard {
    ThreadBuffer* buffer = nullptr;
    ~ExitGuard() {
        if (buffer != nullptr) {
            t_buffer = no_buffer();
            process_recorder().thread_exits(*buffer);
        }
    }
};
thread_local ExitGuard t_guard;

bool try_name(ThreadBuffer& buffer) noexcept {
    if (!buffer.has_own_row()) return true;
    const std::string name = name_of_thread(PyThread_get_thread_ident());
    if (name.empty()) return false;
    base::names().threads.set(buffer.id(), name);
    return true;
}

ThreadBuffer* claim() noexcept {
    ThreadBuffer* const buffer = process_recorder().find_or_create(PyThread_get_thread_native_id(), true);
    if (buffer == nullptr) return nullptr;
    t_guard.buffer = buffer;
    t_buffer = buffer;
    t_tries = 0;
    return buffer;
}

}  // namespace

thread_local constinit ThreadBuffer* t_buffer = &g_none.buffer;

ThreadBuffer* ready_buffer_slow() noexcept {
    const std::uint64_t epoch = process_recorder().epoch();
    if (epoch == 0 || t_is_unrecorded) return nullptr;
    ThreadBuffer* buffer = t_buffer;
    if (buffer == no_buffer()) {
        buffer = claim();
        if (buffer == nullptr) return nullptr;
    }
    const std::uint64_t mine = buffer->epoch.load(std::memory_order_relaxed);
    if (mine != epoch && mine != ThreadBuffer::kLookUp) buffer->reset(epoch);
    // Not at each event of a new thread.
    if (t_tries == 0 || t_tries == kLastTry) watch_greenlets(*buffer);
    // A new thread comes here until its name is known; any other because it was poked.
    if (try_name(*buffer)) t_tries = kLastTry;
    if (t_tries < kLastTry) {
        buffer->look_up_after(words_until_try(++t_tries));
    } else {
        buffer->looked_up(epoch);
    }
    return buffer;
}

Unrecorded::Unrecorded() noexcept {
    t_is_unrecorded = true;
}

Unrecorded::~Unrecorded() {
    t_is_unrecorded = false;
}

void look_up_name() noexcept {
    if (t_buffer == no_buffer()) return;
    try {
        (void)try_name(*t_buffer);
    } catch (...) {
        // Out of memory: the row keeps its name until it is looked up again.
    }
}

void refresh_all_names() noexcept {
    // Poked threads look for themselves at their next event; this serves those that wait in a lock or a call.
    try {
        std::vector<RunningThread> threads;
        with_world_stopped([](void* out) { *static_cast<std::vector<RunningThread>*>(out) = running_threads(); },
                           &threads);
        for (const RunningThread& thread : threads) {
            const std::string name = name_of_thread(thread.ident);
            if (name.empty()) continue;
            process_recorder().for_each([&](ThreadBuffer& buffer) {
                if (buffer.native_id() == thread.native_id && buffer.has_own_row()) {
                    base::names().threads.set(buffer.id(), name);
                }
            });
        }
    } catch (...) {
        // Out of memory: the rows keep the names they have.
    }
}

std::vector<RunningThread> running_threads() {
    std::vector<RunningThread> threads;
    PyThreadState* state = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    for (; state != nullptr; state = state->next) {
        threads.push_back({state, state->thread_id, state->native_thread_id});
    }
    return threads;
}

void forget_buffer() noexcept {
    t_guard.buffer = nullptr;
    t_buffer = no_buffer();
}

}  // namespace tracypy::cpython
