#include "cpython/subinterpreter_handlers.hpp"

#include <array>
#include <cstddef>
#include <utility>

#include "base/names.hpp"
#include "cpython/code_table.hpp"
#include "cpython/foreign_zones.hpp"
#include "cpython/handlers.hpp"
#include "cpython/monitoring_api.hpp"
#include "cpython/native/stay.hpp"
#include "cpython/thread_names.hpp"

namespace tracypy::cpython {
namespace {

using native::Stay;
using recorder::ThreadBuffer;
using recorder::ZoneKey;

using Arguments = PyObject* const*;

struct HandlerObject {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject* module;  // owned: the place lies in it
    Place* place;
};

Place& place_of(PyObject* self) noexcept {
    return *reinterpret_cast<HandlerObject*>(self)->place;
}

PyObject* none() noexcept {
    Py_RETURN_NONE;
}

// One object of the process, which no interpreter counts references of.
PyObject* disable() noexcept {
    return Py_NewRef(disable_constant());
}

// --- the name of the thread's row ---

/// A new thread is listed in `threading` after some calls; one that is never listed is looked for no longer.
constexpr int kMostTries = 64;
struct Naming {
    std::int64_t interpreter = -1;
    int tries = 0;
};
thread_local constinit Naming t_naming;

void name_row(const Place& place, const ThreadBuffer& buffer, const std::string& name) {
    base::names().threads.set(buffer.id(), name.empty() ? place.name : place.name + ": " + name);
}

/// A thread that the main interpreter has started, and works here for a while, keeps the name it has there: here it is
/// the one that is called "Main thread".
void name_thread(const Place& place, const ThreadBuffer& buffer, bool is_new) noexcept {
    if (t_naming.interpreter != place.id) t_naming = {place.id, 0};
    if (t_naming.tries >= kMostTries || !buffer.has_own_row()) return;
    ++t_naming.tries;
    try {
        const std::string name = name_of_thread(PyThread_get_thread_ident());
        const bool is_guest = name == "Main thread" || is_main_thread(PyThread_get_thread_ident());
        if (!name.empty()) t_naming.tries = kMostTries;
        if (is_guest || (name.empty() && !is_new)) return;
        name_row(place, buffer, name);
    } catch (...) {
        // Out of memory: the row keeps the name it has.
    }
}

// --- zones ---

/// The key is never taken for that of a code object, which may be gone while its zone is open.
ZoneKey key_of_call(PyObject* code) noexcept {
    return foreign_key(code);
}

ZoneKey key_of_interpreter(const Place& place) noexcept {
    return foreign_key(&place);
}

/// The thread has no call of this interpreter but the one that runs.
bool is_outermost() noexcept {
    const struct _PyInterpreterFrame* frame = running_frame();
    if (frame == nullptr) return true;
    for (frame = caller_of(frame); frame != nullptr; frame = caller_of(frame)) {
        if (code_of(frame) != nullptr) return false;
    }
    return true;
}

/// `local`: the event can be disabled at its location. What runs outermost is not: its zone is in one that names the
/// interpreter, which has to be seen to end.
PyObject* begin(Place& place, PyObject* code, bool local) noexcept {
    if (process_recorder().epoch() == 0 || !is_code(code)) return none();
    const bool is_new = t_buffer->id() == base::ThreadId::None;
    const Stay stay;
    if (!stay) return none();
    if (t_naming.interpreter != place.id || t_naming.tries < kMostTries) name_thread(place, *stay, is_new);
    const CodeInfo info = code_info_elsewhere(code);
    const bool outermost = is_outermost();
    if (outermost) stay->begin(key_of_interpreter(place), place.location);
    if (info.has(CodeInfo::Hidden)) return local && !outermost ? disable() : none();
    stay->begin(key_of_call(code), info.location());
    return none();
}

PyObject* end(Place& place, PyObject* code) noexcept {
    if (process_recorder().epoch() == 0 || !is_code(code)) return none();
    const Stay stay;
    if (!stay) return none();
    stay->end(key_of_call(code));
    if (is_outermost()) stay->end(key_of_interpreter(place));
    return none();
}

// PY_START, PY_RESUME: (code, offset)
PyObject* on_begin(PyObject* self, Arguments arguments, std::size_t, PyObject*) noexcept {
    return begin(place_of(self), arguments[0], true);
}

// PY_THROW: (code, offset, exception)
PyObject* on_throw(PyObject* self, Arguments arguments, std::size_t, PyObject*) noexcept {
    return begin(place_of(self), arguments[0], false);
}

// PY_RETURN, PY_YIELD: (code, offset, value); PY_UNWIND: (code, offset, exception)
PyObject* on_end(PyObject* self, Arguments arguments, std::size_t, PyObject*) noexcept {
    return end(place_of(self), arguments[0]);
}

// In the order of handlers(): those that begin or end the zones of calls come first.
constexpr std::array<vectorcallfunc, 6> kFunctions = {on_begin, on_begin, on_throw, on_end, on_end, on_end};

// --- the objects ---

void deallocate(PyObject* self) noexcept {
    PyTypeObject* const type = Py_TYPE(self);
    Py_XDECREF(reinterpret_cast<HandlerObject*>(self)->module);
    PyObject_Free(self);
    Py_DECREF(type);
}

PyMemberDef g_members[] = {
    {"__vectorcalloffset__", Py_T_PYSSIZET, offsetof(HandlerObject, vectorcall), Py_READONLY, nullptr},
    {nullptr, 0, 0, 0, nullptr},
};

PyType_Slot g_slots[] = {
    {Py_tp_members, g_members},
    {Py_tp_call, reinterpret_cast<void*>(PyVectorcall_Call)},
    {Py_tp_dealloc, reinterpret_cast<void*>(deallocate)},
    {0, nullptr},
};

PyType_Spec g_spec = {
    "tracypy._sub.MonitoringHandler",
    sizeof(HandlerObject),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    g_slots,
};

PyObject* new_handler(Place& place, vectorcallfunc function) noexcept {
    auto* const object = PyObject_New(HandlerObject, reinterpret_cast<PyTypeObject*>(place.handler_type));
    if (object == nullptr) return nullptr;
    object->vectorcall = function;
    object->module = Py_NewRef(place.module);
    object->place = &place;
    return reinterpret_cast<PyObject*>(object);
}

bool succeeded(PyObject* result) noexcept {
    Py_XDECREF(result);
    return result != nullptr;
}

bool register_handlers(Place& place, PyObject* monitoring, int tool) noexcept {
    for (std::size_t i = 0; i < kFunctions.size(); ++i) {
        PyObject* const handler = new_handler(place, kFunctions[i]);
        if (handler == nullptr) return false;
        const bool good =
            succeeded(PyObject_CallMethod(monitoring, "register_callback", "ilO", tool, event_of(i), handler));
        Py_DECREF(handler);
        if (!good) return false;
    }
    return succeeded(PyObject_CallMethod(monitoring, "set_events", "il", tool, event_sets().all)) &&
           succeeded(PyObject_CallMethod(monitoring, "restart_events", nullptr));
}

}  // namespace

bool make_place(Place& place, PyObject* module) noexcept {
    place.interpreter = PyInterpreterState_Get();
    place.module = module;
    place.id = PyInterpreterState_GetID(place.interpreter);
    place.handler_type = PyType_FromSpec(&g_spec);
    try {
        place.name = "interpreter " + std::to_string(place.id);
        place.location = base::names().locate({place.name, "subinterpreters", 0, 0, nullptr});
    } catch (...) {
        PyErr_NoMemory();
        return false;
    }
    return place.handler_type != nullptr;
}

bool claim_events(Place& place, int tool) noexcept {
    PyObject* const monitoring = monitoring_module();
    if (monitoring == nullptr) return false;
    if (!succeeded(PyObject_CallMethod(monitoring, "use_tool_id", "is", tool, "tracypy"))) return false;
    place.tool = tool;
    if (register_handlers(place, monitoring, tool)) return true;
    PyObject* const raised = PyErr_GetRaisedException();
    release_events(place);
    PyErr_SetRaisedException(raised);
    return false;
}

void release_events(Place& place) noexcept {
    if (place.tool < 0) return;
    const int tool = std::exchange(place.tool, -1);
    PyObject* const monitoring = monitoring_module();
    if (monitoring == nullptr) return PyErr_Clear();
    if (!succeeded(PyObject_CallMethod(monitoring, "set_events", "ii", tool, 0))) PyErr_Clear();
    for (std::size_t i = 0; i < kFunctions.size(); ++i) {
        if (!succeeded(PyObject_CallMethod(monitoring, "register_callback", "ilO", tool, event_of(i), Py_None))) {
            PyErr_Clear();
        }
    }
    if (!succeeded(PyObject_CallMethod(monitoring, "free_tool_id", "i", tool))) PyErr_Clear();
}

}  // namespace tracypy::cpython
