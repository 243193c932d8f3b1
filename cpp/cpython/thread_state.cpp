#include "cpython/thread_state.hpp"

#include <string>

#if defined(__linux__)
#include <pthread.h>
#endif

#include "base/names.hpp"
#include "base/system_file.hpp"
#include "cpython/greenlets.hpp"
#include "cpython/process_name.hpp"
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
// words of events. So its name is looked up then; then at each event around there; then more and more seldom. Any other
// thread's is looked up at the first event, which suffices. From the last one on, the drain's pokes see to it.
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
thread_local constinit int t_tries = 0;          // to find this thread's name
thread_local constinit bool t_is_named = false;  // by native code, which says more than `threading`

// Says goodbye when the thread ends. Touched only when a buffer is claimed, so that other threads never pay for it.
struct ExitGuard {
    ThreadBuffer* buffer = nullptr;
    std::string name;  // of t_is_named
    ~ExitGuard() {
        t_is_unrecorded = true;  // whatever the thread still does: nobody would say goodbye a second time
        t_is_named = false;
        if (buffer != nullptr) {
            t_buffer = no_buffer();
            process_recorder().thread_exits(*buffer);
        }
    }
};
thread_local ExitGuard t_guard;

bool try_name(ThreadBuffer& buffer) noexcept {
    if (!buffer.has_own_row()) return true;
    const unsigned long ident = PyThread_get_thread_ident();
    const bool is_main = is_main_thread(ident);
    if (is_main) look_at_process_name();
    if (t_is_named) return true;
    if (t_tries == 0 && !is_main && is_in_first_frame()) return false;  // it has just begun
    const std::string name = name_of_thread(ident);
    if (name.empty()) return false;
    base::names().threads.set(buffer.id(), name);
    return true;
}

void name_row(const ThreadBuffer& buffer, std::string_view name) noexcept try {
    if (buffer.has_own_row()) base::names().threads.set(buffer.id(), name);
} catch (...) {
    // Out of memory: it keeps the name it has.
}

void name_natively(ThreadBuffer& buffer) noexcept {
    buffer.is_named.store(true, std::memory_order_relaxed);
    name_row(buffer, t_guard.name);
}

ThreadBuffer* claim() noexcept {
    ThreadBuffer* const buffer = process_recorder().find_or_create(PyThread_get_thread_native_id(), true);
    if (buffer == nullptr) return nullptr;
    t_guard.buffer = buffer;
    t_buffer = buffer;
    t_tries = 0;
    if (t_is_named) name_natively(*buffer);
    return buffer;
}

/// As the system calls the calling thread, unless that is only the program's name, which threads inherit.
std::string system_name() {
#if defined(__linux__)
    char name[16] = {};
    const base::SystemFile program("/proc/self/comm");
    if (pthread_getname_np(pthread_self(), name, sizeof name) == 0 && program.first_line() != name) return name;
#endif
    return {};
}

/// What takes long, of a thread that does not hold the interpreter; outside the gate.
ThreadBuffer* claim_without_interpreter() noexcept {
    process_recorder().gate().expect_writers();
    ThreadBuffer* const buffer = claim();
    if (buffer == nullptr || t_is_named) return buffer;
    try {
        const std::string name = system_name();
        if (!name.empty()) name_row(*buffer, name);
    } catch (...) {
        // Out of memory: the row has a number.
    }
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

ThreadBuffer* enter_slow() noexcept {
    recorder::Recorder& recorder = process_recorder();
    if (recorder.epoch() == 0 || t_is_unrecorded) return nullptr;
    if (holds_main_interpreter()) {
        recorder.gate().expect_writers();
        ThreadBuffer* const buffer = ready_buffer_slow();
        if (buffer != nullptr) recorder.gate().enter(buffer->gate_mark());  // open: who closes it has stopped us
        return buffer;
    }
    ThreadBuffer* const buffer = t_buffer != no_buffer() ? t_buffer : claim_without_interpreter();
    if (buffer == nullptr) return nullptr;
    recorder.gate().enter(buffer->gate_mark());
    const std::uint64_t epoch = recorder.epoch();  // and stays so while we are inside, but for the end of the process
    if (epoch == 0) {
        recorder::WriterGate::leave(buffer->gate_mark());
        return nullptr;
    }
    const std::uint64_t mine = buffer->epoch.load(std::memory_order_relaxed);
    if (mine != epoch && mine != ThreadBuffer::kLookUp) buffer->reset(epoch);
    buffer->looked_up(epoch);
    return buffer;
}

void name_this_thread(std::string_view name) {
    if (t_is_unrecorded) return;  // at its end
    t_guard.name = name;
    t_is_named = true;
    if (t_buffer != no_buffer()) name_natively(*t_buffer);
}

// First the world, whose threads leave the gate on their way: then the others.
void with_writers_stopped(void (*work)(void*), void* argument) noexcept {
    struct Work {
        void (*work)(void*);
        void* argument;
    } both{work, argument};
    with_world_stopped(
        [](void* raw) {
            const recorder::WritersStopped stopped(process_recorder());
            const auto* const self = static_cast<Work*>(raw);
            self->work(self->argument);
        },
        &both);
}

Unrecorded::Unrecorded() noexcept {
    t_is_unrecorded = true;
}

Unrecorded::~Unrecorded() {
    t_is_unrecorded = false;
}

void look_up_name() noexcept {
    if (t_buffer == no_buffer()) return;
    t_is_named = false;  // Python's word is the last one
    t_buffer->is_named.store(false, std::memory_order_relaxed);
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
                const bool is_it = buffer.native_id() == thread.native_id && buffer.has_own_row();
                if (is_it && !buffer.is_named.load(std::memory_order_relaxed)) {
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
