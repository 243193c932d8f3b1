#include "cpython/handlers.hpp"

#include <atomic>
#include <cstddef>

#include "cpython/c_calls.hpp"
#include "cpython/call_keys.hpp"
#include "cpython/call_values.hpp"
#include "cpython/code_table.hpp"
#include "cpython/exceptions.hpp"
#include "cpython/foreign_zones.hpp"
#include "cpython/monitoring_api.hpp"
#include "cpython/running_calls.hpp"
#include "cpython/tasks.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

using recorder::ThreadBuffer;
using recorder::ZoneKey;

using Arguments = PyObject* const*;

// An event that native code fires for something other than a code object belongs to no Python function, so it makes no
// zone; what a handler is given is looked into only once it is known to be one.

PyObject* g_disable = nullptr;  // sys.monitoring.DISABLE
std::atomic<bool> g_record_all{false};

PyObject* none() noexcept {
    Py_RETURN_NONE;
}

PyObject* disable() noexcept {
    return Py_NewRef(g_disable);
}

// Where the event is, in bytes; -1 where native code says nonsense.
Py_ssize_t offset_of(PyObject* offset) noexcept {
    if (PyLong_CheckExact(offset)) [[likely]] {
        auto* const number = reinterpret_cast<PyLongObject*>(offset);
        if (PyUnstable_Long_IsCompact(number)) return PyUnstable_Long_CompactValue(number);
    }
    const Py_ssize_t at = PyLong_AsSsize_t(offset);
    if (at < 0) PyErr_Clear();
    return at;
}

// --- begin ---

// Whatever the case: new code, ours, one that says something about threads; a buffer that is full or not ready.
// `local`: the event can be disabled at its location, which PY_THROW has none of. Never inlined, so that the hot path
// saves no registers for it; and the arguments are where the handler has them, so that it moves none.
[[gnu::noinline]] PyObject* begin_unusual(bool local, Arguments arguments) noexcept {
    PyObject* const code = arguments[0];
    if (process_recorder().epoch() == 0) return none();
    const CodeInfo info = code_info(code);
    // Before the buffer: what is hidden is none of the events by which a new thread gets its name.
    if (info.has(CodeInfo::Hidden)) return local ? disable() : none();
    ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return none();
    ZoneKey key = key_of(code, info);
    if (info.has(CodeInfo::Awaits)) {
        const bool is_closed = !local && PyErr_GivenExceptionMatches(arguments[2], PyExc_GeneratorExit) != 0;
        key = coroutine_runs(*buffer, code, info, local ? offset_of(arguments[1]) : -1, is_closed);
    } else {
        buffer->begin(key, info.location());
    }
    if (info.has(CodeInfo::Arguments) && buffer->is_innermost(key)) write_arguments(*buffer, code);
    // So that its return comes to end_unusual: by then the thread has its new name.
    if (info.has(CodeInfo::Renames)) buffer->look_up();
    return none();
}

enum class Begin : std::uint8_t { Start, Resume };

// No ordinary call: a coroutine that another one awaits needs little more than that. The arguments are again where the
// handler has them.
template <Begin kBegin>
[[gnu::noinline]] PyObject* begin_other(CodeInfo::Plain plain, Arguments arguments, base::Ticks now) noexcept {
    if (plain.is_coroutine()) [[likely]] {
        const bool is_done = kBegin == Begin::Start ? awaited_starts(*t_buffer, plain.begin(), now)
                                                    : coroutine_goes_on(*t_buffer, arguments[0], plain.begin(),
                                                                        offset_of(arguments[1]), now);
        if (is_done) return none();
    }
    return begin_unusual(true, arguments);
}

/// What the hot path is made for: where ticks come from, and whether our slot of co_extra is the first.
template <typename ClockSource, bool kIsFirstSlot>
struct Usual {
    using Clock = ClockSource;
    static CodeInfo known(PyObject* code) noexcept {
        return kIsFirstSlot ? CodeInfo(read_code_extra(code, kFirstCodeSlot)) : known_code(code);
    }
};

// PY_START, PY_RESUME: (code, offset)
template <typename Case, Begin kBegin>
PyObject* on_begin(PyObject*, Arguments arguments, std::size_t, PyObject*) noexcept {
    const base::Ticks now = Case::Clock::now();
    PyObject* const code = arguments[0];
    if (!is_code(code)) [[unlikely]] {
        return none();
    }
    const CodeInfo::Plain plain = Case::known(code).plain(generation());
    if (!plain) [[unlikely]] {
        return begin_other<kBegin>(plain, arguments, now);
    }
    if (t_buffer->try_begin(key_of(code), plain.begin(), now)) [[likely]] {
        return none();
    }
    return begin_unusual(true, arguments);
}

// PY_THROW: (code, offset, exception). Comes for every function once it is on, so the mark of @profiled counts.
PyObject* on_throw(PyObject*, Arguments arguments, std::size_t, PyObject*) noexcept {
    PyObject* const code = arguments[0];
    if (!is_code(code)) return none();
    if (!g_record_all.load(std::memory_order_relaxed) && !code_info(code).has(CodeInfo::Profiled)) return none();
    return begin_unusual(false, arguments);
}

// --- end ---

enum class End : std::uint8_t { Yield, Return };

// What an `await` or a `yield from` hands through is no result, and an asynchronous generator's value is wrapped in
// what says nothing.
bool yields_result(PyObject* code, Py_ssize_t offset) noexcept {
    const int flags = reinterpret_cast<PyCodeObject*>(code)->co_flags;
    return (flags & CO_ASYNC_GENERATOR) == 0 && yields_value_at(code, offset);
}

[[gnu::noinline]] PyObject* end_unusual(End end, Arguments arguments) noexcept {
    PyObject* const code = arguments[0];
    if (process_recorder().epoch() == 0 || !is_code(code)) return none();
    const CodeInfo info = known_code(code);
    if (info.has(CodeInfo::Awaits)) {
        ThreadBuffer* const buffer = ready_buffer();
        if (buffer == nullptr) return none();
        const bool is_done = end == End::Yield ? coroutine_yields(*buffer, code, info, offset_of(arguments[1]))
                                               : coroutine_ends(*buffer, info, arguments[2]);
        if (is_done) return none();
    }
    const bool is_hidden = info.is_current(generation()) && info.has(CodeInfo::Hidden);
    // It may have been seen when it began.
    if (is_hidden && !t_buffer->is_open(key_of_open(*t_buffer, code))) return disable();
    ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return none();
    const ZoneKey key = key_of_open(*buffer, code);
    if (key != key_of(code) && buffer->is_innermost(key)) {
        if (end == End::Return || yields_result(code, offset_of(arguments[1]))) write_result(*buffer, arguments[2]);
    }
    buffer->end(key);
    if (info.has(CodeInfo::Renames)) refresh_all_names();
    return none();
}

template <End kEnd>
[[gnu::noinline]] PyObject* end_other(base::Ticks now, Arguments arguments) noexcept {
    PyObject* const code = arguments[0];
    ThreadBuffer& buffer = *t_buffer;
    if (is_code(code)) {
        const CodeInfo::Plain plain = known_code(code).plain(generation());
        if (plain.is_coroutine()) {
            const bool is_done = kEnd == End::Return ? awaited_ends(buffer, now)
                                                     : coroutine_pauses(buffer, code, offset_of(arguments[1]), now);
            if (is_done) return none();
        }
    }
    return end_unusual(kEnd, arguments);
}

// PY_RETURN, PY_YIELD: (code, offset, value)
template <typename Case, End kEnd>
PyObject* on_end(PyObject*, Arguments arguments, std::size_t, PyObject*) noexcept {
    const base::Ticks now = Case::Clock::now();
    PyObject* const code = arguments[0];
    if (t_buffer->try_end(key_of(code), now)) [[likely]] {
        return none();
    }
    return end_other<kEnd>(now, arguments);
}

// A signal handler can raise at a function's RESUME, before PY_START was sent: then PY_UNWIND ends a call that never
// began, and in a recursion it looks like the end of a caller. A call that did begin is the innermost one among our
// zones; where its caller is of the same code, the frames tell: one more than we have zones.
bool never_began(const ThreadBuffer& buffer, PyObject* code, ZoneKey key, PyObject* offset) noexcept {
    const Py_ssize_t at = offset_of(offset);
    if (at < 0 || !is_resume_at(code, at)) return false;
    std::size_t zones = 0;
    for (std::size_t depth = buffer.depth(); depth > 0; --depth) {
        const recorder::OpenZone& zone = buffer.open_zone(depth - 1);
        if (!is_call(zone) || is_foreign(zone.key)) continue;
        if (zone.id() != key) break;
        ++zones;
    }
    return zones == 0 || zones < innermost_run_of(code);
}

// PY_UNWIND: (code, offset, exception)
PyObject* on_unwind(PyObject*, Arguments arguments, std::size_t, PyObject*) noexcept {
    PyObject* const code = arguments[0];
    if (!is_code(code)) return none();
    ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return none();
    const CodeInfo info = known_code(code);
    if (info.has(CodeInfo::Awaits) && coroutine_ends(*buffer, info, nullptr)) return none();
    const ZoneKey key = key_of_open(*buffer, code);
    if (never_began(*buffer, code, key, arguments[1])) return none();
    buffer->end(key);
    return none();
}

// --- the objects ---

struct HandlerObject {
    PyObject_HEAD
    vectorcallfunc vectorcall;
};

PyMemberDef g_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(HandlerObject, vectorcall), Py_READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyType_Slot g_slots[] = {
    {Py_tp_members, g_members},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {0, nullptr},
};

PyType_Spec g_spec = {
    "tracypy._core.MonitoringHandler",
    sizeof(HandlerObject),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    g_slots,
};

std::array<Handler, kHandlerCount> g_handlers = {{
    {"PY_START", nullptr, {}},
    {"PY_RESUME", nullptr, {}},
    {"PY_THROW", nullptr, {}},
    {"PY_RETURN", nullptr, {}},
    {"PY_YIELD", nullptr, {}},
    {"PY_UNWIND", nullptr, {}},
    {"RAISE", nullptr, Switch::Exceptions},
    {"CALL", nullptr, Switch::CCalls},
    {"C_RETURN", nullptr, Switch::CCalls},
    {"C_RAISE", nullptr, Switch::CCalls},
}};

using Functions = std::array<vectorcallfunc, kHandlerCount>;

template <typename Case>
constexpr Functions kFunctions = {on_begin<Case, Begin::Start>,
                                  on_begin<Case, Begin::Resume>,
                                  on_throw,
                                  on_end<Case, End::Return>,
                                  on_end<Case, End::Yield>,
                                  on_unwind,
                                  on_raise,
                                  on_call,
                                  on_c_end,
                                  on_c_end};

template <typename Clock>
const Functions& functions_with() noexcept {
    return g_code_slot == kFirstCodeSlot ? kFunctions<Usual<Clock, true>> : kFunctions<Usual<Clock, false>>;
}

PyObject* read_disable_constant() {
    PyObject* const monitoring = monitoring_module();
    return monitoring == nullptr ? nullptr : PyObject_GetAttrString(monitoring, "DISABLE");
}

}  // namespace

bool init_handlers() {
    if (g_disable != nullptr) return true;
    PyObject* const type = PyType_FromSpec(&g_spec);
    if (type == nullptr) return false;
    const Functions& functions =
        base::has_counter_clock() ? functions_with<base::CounterClock>() : functions_with<base::AnyClock>();
    for (std::size_t i = 0; i < kHandlerCount; ++i) {
        auto* const object = PyObject_New(HandlerObject, reinterpret_cast<PyTypeObject*>(type));
        if (object == nullptr) return false;
        object->vectorcall = functions[i];
        g_handlers[i].callable = reinterpret_cast<PyObject*>(object);
    }
    Py_DECREF(type);  // the objects keep it
    g_disable = read_disable_constant();
    return g_disable != nullptr;
}

const std::array<Handler, kHandlerCount>& handlers() noexcept {
    return g_handlers;
}

PyObject* disable_constant() noexcept {
    return g_disable;
}

void set_record_all(bool on) noexcept {
    g_record_all.store(on, std::memory_order_relaxed);
}

}  // namespace tracypy::cpython
