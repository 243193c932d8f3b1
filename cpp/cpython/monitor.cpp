#include "cpython/monitor.hpp"

#include <atomic>
#include <new>
#include <string>
#include <utility>

#include "base/log.hpp"
#include "cpython/code_table.hpp"
#include "cpython/control_lock.hpp"
#include "cpython/foreign_zones.hpp"
#include "cpython/gc_zones.hpp"
#include "cpython/handlers.hpp"
#include "cpython/holders.hpp"
#include "cpython/memory_hooks.hpp"
#include "cpython/monitoring_api.hpp"
#include "cpython/profiled_codes.hpp"
#include "cpython/running_calls.hpp"
#include "cpython/subinterpreters.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/with_blocks.hpp"

namespace tracypy::cpython {
namespace {

using recorder::ThreadBuffer;

// Guarded by ControlLock; `enabled` is also read without it.
struct State {
    std::atomic<bool> enabled{false};
    Holders holders;
    bool attached = false;
    int claimed_tool = -1;  // ours in sys.monitoring just now, or -1
    Instruments wanted;     // by who has enabled it, if anybody
    Instruments in_force;
};
State g_state;
ProfiledCodes g_codes;

void log_error(const char* what) noexcept {
    PyObject* const raised = PyErr_GetRaisedException();
    PyObject* const text = raised != nullptr ? PyObject_Str(raised) : nullptr;
    try {
        base::log(base::LogLevel::Warning, std::string(what) + ": " + utf8_of(text));
    } catch (...) {
        // Out of memory for a log line.
    }
    Py_XDECREF(text);
    Py_XDECREF(raised);
    PyErr_Clear();
}

void release() noexcept {
    if (g_state.claimed_tool < 0) return;
    g_codes.set_events(g_state.claimed_tool, 0);
    release_tool(g_state.claimed_tool);
    g_state.claimed_tool = -1;
}

bool claim(int tool, const char* name) noexcept {
    release();
    if (!claim_tool(tool, name)) return false;
    g_state.claimed_tool = tool;
    return true;
}

// @profiled functions need a tool id only during a session; they never take one that is held.
void claim_for_profiled() noexcept {
    if (g_state.enabled || !g_state.attached || g_codes.empty() || g_state.claimed_tool >= 0) return;
    if (!claim(unobtrusive_tool_id(), "tracypy")) log_error("functions marked by @profiled are not recorded");
}

void apply_instruments() noexcept {
    Instruments next;
    if (g_state.attached) next = g_state.enabled ? g_state.wanted : Instruments::at_rest();
    const Instruments before = std::exchange(g_state.in_force, next);
    set_instruments(before, next);
}

// Sets exactly the events that the state asks for, and whatever else instruments do.
bool apply_events() noexcept {
    const int tool = g_state.claimed_tool;
    follow_new_interpreters(g_state.enabled);
    record_subinterpreters(g_state.attached && g_state.enabled ? tool : -1);
    apply_instruments();
    if (tool < 0) return true;
    const EventSets& sets = event_sets();
    const bool locals = g_state.attached && !g_state.enabled;
    long global = 0;
    if (g_state.attached) global = g_state.enabled ? sets.all | events_of(g_state.in_force) : sets.global_only;
    g_codes.set_events(tool, locals ? sets.local : 0);
    return set_events(tool, global);
}

// True when code must be judged anew.
bool use_filter(const CodeFilter& filter) noexcept {
    struct Change {
        const CodeFilter& filter;
        bool made;
    } change{filter, false};
    with_writers_stopped(
        [](void* raw) {
            auto& self = *static_cast<Change*>(raw);
            self.made = set_filter(self.filter);
            process_recorder().set_max_depth(self.filter.max_depth);
            process_recorder().auto_throttle().set_active(self.filter.auto_throttle);
            if (self.filter.auto_throttle && !self.made) {
                next_generation();  // what was left out last time is seen again
                self.made = true;
            }
        },
        &change);
    return change.made;
}

void begin_session(void*) noexcept {
    set_record_all(g_state.enabled);
    process_recorder().start();
    if (g_state.claimed_tool >= 0) open_running_calls(g_state.enabled);
}

void begin_recording_calls(void*) noexcept {
    set_record_all(true);
    process_recorder().advance();
    open_running_calls(true);
}

void end_recording_calls(void*) noexcept {
    const base::Ticks now = base::now_ticks();
    process_recorder().for_each([now](ThreadBuffer& buffer) {
        buffer.end_calls_of_fibers(now);
        buffer.end_calls(now);
    });
    set_record_all(false);
    process_recorder().advance();
}

bool switch_on(const Settings& settings) noexcept {
    if (!claim(settings.tool, settings.name.c_str())) {
        PyObject* const raised = PyErr_GetRaisedException();
        claim_for_profiled();
        if (!apply_events()) PyErr_Clear();
        PyErr_SetRaisedException(raised);
        return false;
    }
    if (use_filter(settings.filter)) restart_events();
    g_state.wanted = settings.instruments;
    g_state.enabled = true;
    follow_new_interpreters(true);
    if (!g_state.attached) return true;
    if (!apply_events()) {
        g_state.enabled = false;
        release();
        return false;
    }
    with_writers_stopped(begin_recording_calls, nullptr);
    process_recorder().tell_of(t_buffer);
    return true;
}

void switch_off() noexcept {
    if (!g_state.enabled) return;
    g_state.enabled = false;
    if (g_state.attached) with_writers_stopped(end_recording_calls, nullptr);
    process_recorder().tell_of(t_buffer);
    with_writers_stopped([](void*) { process_recorder().set_max_depth(CodeFilter::kNoDepth); }, nullptr);
    release();
    claim_for_profiled();
    if (!apply_events()) log_error("functions marked by @profiled are not recorded");
}

/// For enable() and blocks, which find it on when they are not the first.
bool switch_on_for_program(const Settings& settings) noexcept {
    return g_state.enabled || switch_on(settings);
}

// Once: a decorated function may be called a million times.
void say_first_one_stays() noexcept {
    static bool said = false;
    if (std::exchange(said, true)) return;
    base::log(base::LogLevel::Warning,
              "profile() with filters of its own began while tracypy was enabled with others: those stay in force");
}

/// `change` only allocates. When there is no memory, what is on without a holder is switched off again.
template <typename Change>
bool keep_books(const Change& change) noexcept {
    try {
        change();
        return true;
    } catch (const std::bad_alloc&) {
        if (g_state.holders.in_force() == nullptr) switch_off();
        PyErr_NoMemory();
        return false;
    }
}

/// A thread without the interpreter cannot stop those that have it; it waits as long as it may.
void stop_world_to_make_room(void (*work)(void*), void* argument) noexcept {
    if (holds_main_interpreter()) with_writers_stopped(work, argument);
}

/// What runs already begins with the world stopped, where no thread can wait for room: so room is made before. Without
/// the lock, since it takes as long as the viewer does.
void await_room() noexcept {
    if (process_recorder().epoch() != 0 && !process_recorder().pool().has_room()) process_recorder().wait_for_room();
}

}  // namespace

bool init_monitor() {
    process_recorder().policy().set_blocking([](void (*wait)(recorder::DropPolicy&), recorder::DropPolicy& self) {
        if (thread_state() == nullptr) return wait(self);
        const GilReleased released;
        wait(self);
    });
    process_recorder().set_stop_world(stop_world_to_make_room);
    process_recorder().set_on_left_out(next_generation);
    process_recorder().set_is_coroutine([](recorder::ZoneKey key) {
        return !is_foreign(key) && is_coroutine_code(reinterpret_cast<const PyCodeObject*>(key & ~kShown));
    });
    return init_code_table() && init_handlers() && init_monitoring_api() && init_gc_zones();
}

bool enable(const Settings& settings, bool* counts_now) noexcept {
    await_room();
    const ControlLock lock;
    if (!lock) return true;
    Holders& holders = g_state.holders;
    if (const Settings* const wanted = holders.wanted()) {
        PyErr_Format(PyExc_RuntimeError, "tracypy is enabled already (as %s, tool id %d): call tracypy.disable() first",
                     wanted->name.c_str(), wanted->tool);
        return false;
    }
    if (!switch_on_for_program(settings)) return false;
    *counts_now = !holders.is_held();
    return keep_books([&] { holders.enable_by_hand(settings); });
}

bool disable() noexcept {
    const ControlLock lock;
    if (!lock) return true;
    g_state.holders.disable();
    if (g_state.holders.in_force() == nullptr) switch_off();
    return true;
}

bool enter_block(const Settings& settings, BlockTicket* ticket, bool* switched_on) noexcept {
    await_room();
    const ControlLock lock;
    if (!lock) return true;
    const bool was_on = g_state.enabled;
    if (!switch_on_for_program(settings)) return false;
    *switched_on = !was_on;
    const Settings* const wanted = g_state.holders.wanted();
    if (wanted != nullptr && !g_state.holders.is_held() && !wanted->wants_the_same(settings)) say_first_one_stays();
    return keep_books([&] { *ticket = g_state.holders.enter_block(settings, PyThread_get_thread_ident()); });
}

void leave_block(BlockTicket ticket) noexcept {
    const ControlLock lock;
    if (!lock) return;
    g_state.holders.leave_block(ticket);
    if (g_state.holders.in_force() == nullptr) switch_off();
}

bool hold(const Settings& settings, bool has_filter, bool* held) noexcept {
    const ControlLock lock;
    if (!lock || g_state.holders.is_held()) return true;
    const Settings* const wanted = g_state.holders.wanted();
    if (wanted != nullptr && has_filter) {
        PyErr_SetString(PyExc_RuntimeError,
                        "tracypy is enabled already, and what it is enabled for is recorded: leave out the filters, or "
                        "call tracypy.disable() first");
        return false;
    }
    if (wanted != nullptr && g_state.holders.is_by_hand()) return true;
    if (wanted == nullptr && !switch_on(settings)) return false;
    *held = true;  // of a block, the recording goes on beyond its end
    return keep_books([&] { g_state.holders.hold(wanted != nullptr ? Settings(*wanted) : settings); });
}

bool let_go() noexcept {
    const ControlLock lock;
    if (!lock || !g_state.holders.is_held()) return false;
    const bool is_same = g_state.holders.wants_what_is_held();
    g_state.holders.let_go();
    const Settings* const wanted = g_state.holders.wanted();
    if (is_same) return true;
    switch_off();
    if (wanted == nullptr) return false;
    if (switch_on(*wanted)) return true;
    log_error("what the program has enabled is not recorded");
    g_state.holders.disable();
    return false;
}

bool is_enabled() noexcept {
    return g_state.enabled;
}

bool profile_code(PyObject* code, const ProfiledAs& as) noexcept {
    if (!mark_profiled(code, as)) return false;
    const ControlLock lock;
    if (!lock) return true;
    if (!g_codes.add(code)) return false;
    claim_for_profiled();
    if (!apply_events()) log_error("functions marked by @profiled are not recorded");
    return true;
}

bool attach() noexcept {
    const InterpreterStay stay;
    if (!stay) return false;
    const ControlLock lock;
    if (!lock) return false;
    g_state.attached = true;
    claim_for_profiled();
    // Events first: once the session has begun nothing may run unseen. Until then the handlers find no session.
    if (!apply_events()) log_error("calls are not recorded");
    with_writers_stopped(begin_session, nullptr);
    refresh_all_names();
    return true;
}

void detach() noexcept {
    const InterpreterStay stay;
    if (!stay) {
        process_recorder().stop();
        return;
    }
    const ControlLock lock;
    with_writers_stopped(
        [](void*) {
            process_recorder().finish();
            process_recorder().stop();
        },
        nullptr);
    g_state.attached = false;
    if (!apply_events()) log_error("monitoring could not be switched off");
    if (!g_state.enabled) release();
}

void reset_monitor_after_fork() noexcept {
    ControlLock::renew();
    reset_memory_hooks_after_fork();
    forget_subinterpreters();
    g_state.attached = false;
    g_state.holders.keep_blocks_of(PyThread_get_thread_ident());
    if (g_state.holders.in_force() == nullptr) g_state.enabled = false;
    process_recorder().forget_threads();
    forget_buffer();
    if (!apply_events()) PyErr_Clear();
    if (!g_state.enabled) release();
}

}  // namespace tracypy::cpython
