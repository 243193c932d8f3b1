#include "cpython/thread_state.hpp"

#include <string>

#include "base/names.hpp"
#include "cpython/code_table.hpp"

namespace tracypy::cpython {

using recorder::Recorder;
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

// A thread is in `threading` only some events after its first one; look this often before giving up until a poke.
constexpr int kNameTries = 200;
thread_local constinit int t_name_tries = 0;

// Says goodbye when the thread ends. Touched only when a buffer is claimed, so that other threads never pay for it.
struct ExitGuard {
    ThreadBuffer* buffer = nullptr;
    ~ExitGuard() {
        if (buffer != nullptr) {
            t_buffer = no_buffer();
            recorder::recorder().thread_exits(*buffer);
        }
    }
};
thread_local ExitGuard t_guard;

// For programs that never import `threading`: the thread that imported us, which is the main thread in all but odd
// embeddings.
const unsigned long g_main_ident = PyThread_get_thread_ident();

bool try_name(ThreadBuffer& buffer) noexcept {
    const std::string name = name_of_thread(PyThread_get_thread_ident());
    if (name.empty()) return false;
    base::names().threads.set(buffer.id(), name);
    return true;
}

ThreadBuffer* claim() noexcept {
    ThreadBuffer* const buffer = recorder::recorder().find_or_create(PyThread_get_thread_native_id(), true);
    if (buffer == nullptr) return nullptr;
    t_guard.buffer = buffer;
    t_buffer = buffer;
    t_name_tries = kNameTries;
    return buffer;
}

}  // namespace

thread_local constinit ThreadBuffer* t_buffer = &g_none.buffer;

ThreadBuffer* ready_buffer_slow() noexcept {
    const std::uint64_t epoch = Recorder::epoch();
    if (epoch == 0) return nullptr;
    ThreadBuffer* buffer = t_buffer;
    if (buffer == no_buffer()) {
        buffer = claim();
        if (buffer == nullptr) return nullptr;
    }
    const std::uint64_t mine = buffer->epoch.load(std::memory_order_relaxed);
    if (mine != epoch && mine != ThreadBuffer::kLookUp) buffer->reset(epoch);
    // Until the thread's name is known, every event comes here.
    const bool named = try_name(*buffer);
    if (named) t_name_tries = 0;
    const bool again = !named && --t_name_tries > 0;
    buffer->epoch.store(again ? ThreadBuffer::kLookUp : epoch, std::memory_order_relaxed);
    return buffer;
}

std::string name_of_thread(unsigned long ident) noexcept {
    std::string result;
    PyObject* const raised = PyErr_GetRaisedException();
    PyObject* const module_name = PyUnicode_FromString("threading");
    PyObject* const threading = module_name != nullptr ? PyImport_GetModule(module_name) : nullptr;
    PyObject* const active = threading != nullptr ? PyObject_GetAttrString(threading, "_active") : nullptr;
    PyObject* const key = PyLong_FromUnsignedLong(ident);
    PyObject* thread = nullptr;
    if (active != nullptr && PyDict_Check(active) && key != nullptr) {
        thread = Py_XNewRef(PyDict_GetItemWithError(active, key));
    }
    if (thread != nullptr) {
        // `_name`, not the property: the property is Python code, which would run, and be recorded, here.
        PyObject* const name = PyObject_GetAttrString(thread, "_name");
        if (name != nullptr && PyUnicode_Check(name)) {
            result = utf8_of(name);
            PyObject* const main = PyObject_GetAttrString(threading, "_main_thread");
            if (main == thread && result == "MainThread") result = "Main thread";
            Py_XDECREF(main);
            if (result.empty()) result = "(unnamed)";
        }
        Py_XDECREF(name);
    }
    if (threading == nullptr && is_main_thread(ident)) result = "Main thread";
    Py_XDECREF(thread);
    Py_XDECREF(key);
    Py_XDECREF(active);
    Py_XDECREF(threading);
    Py_XDECREF(module_name);
    PyErr_Clear();
    PyErr_SetRaisedException(raised);
    return result;
}

bool is_main_thread(unsigned long ident) noexcept {
    return ident == g_main_ident;
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
            recorder::recorder().for_each([&](ThreadBuffer& buffer) {
                if (buffer.native_id() == thread.native_id) base::names().threads.set(buffer.id(), name);
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
    t_name_tries = 0;
}

}  // namespace tracypy::cpython
