#include "cpython/subinterpreters.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "cpython/code_table.hpp"
#include "cpython/control_lock.hpp"
#include "cpython/process_recorder.hpp"
#include "cpython/subinterpreter_handlers.hpp"

namespace tracypy::cpython {
namespace {

// Guarded by ControlLock.
struct Registry {
    std::vector<Place*> places;
    int tool = -1;  // with which all are recorded just now
};
Registry& registry() noexcept {
    static Registry& made = *new Registry;
    return made;
}

/// What Python has raised, said once for each interpreter.
void say_not_recorded(Place& place) noexcept {
    PyObject* const raised = PyErr_GetRaisedException();
    PyObject* const text = raised != nullptr ? PyObject_Str(raised) : nullptr;
    try {
        if (!place.has_complained)
            base::log(base::LogLevel::Warning, place.name + " is not recorded: " + utf8_of(text));
        place.has_complained = true;
    } catch (...) {
        // Out of memory for a log line.
    }
    Py_XDECREF(text);
    Py_XDECREF(raised);
    PyErr_Clear();
}

/// Holds the interpreter of `place`.
void apply(Place& place, int tool) noexcept {
    if (place.tool == tool) return;
    release_events(place);
    if (tool >= 0 && !claim_events(place, tool)) say_not_recorded(place);
}

/// While it lives, the calling thread, which holds the main interpreter, has let go of that, and holds another one.
/// That does not end meanwhile: its exit waits for the control lock first (leave).
class Visit {
public:
    explicit Visit(PyInterpreterState* interpreter) noexcept : theirs_(PyThreadState_New(interpreter)) {
        if (theirs_ == nullptr) return;
        wait_out_the_end([this] { own_ = PyThreadState_Swap(theirs_); });
    }
    ~Visit() {
        if (theirs_ == nullptr) return;
        PyThreadState_Clear(theirs_);
        wait_out_the_end([this] { PyThreadState_Swap(own_); });
        PyThreadState_Delete(theirs_);
    }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;
    explicit operator bool() const noexcept { return theirs_ != nullptr; }

private:
    PyThreadState* own_ = nullptr;
    PyThreadState* theirs_;
};

/// Our slot of co_extra has the same number everywhere: the hot path knows one.
bool take_code_slot() noexcept {
    Py_ssize_t slot = -1;
    do {
        slot = PyUnstable_Eval_RequestCodeExtraIndex(nullptr);
    } while (slot >= 0 && slot < g_code_slot);
    if (slot == g_code_slot) return true;
    PyErr_SetString(PyExc_ImportError,
                    "tracypy: another tool of this interpreter has the slot for data on code objects; import tracypy "
                    "before it");
    return false;
}

bool is_known(const PyInterpreterState* interpreter) noexcept {
    const auto& places = registry().places;
    return std::any_of(places.begin(), places.end(),
                       [=](const Place* each) { return each->interpreter == interpreter; });
}

Place& place_of(PyObject* module) noexcept {
    return *static_cast<Place*>(PyModule_GetState(module));
}

// Nobody visits it any more, and its rows end with its threads. The module goes when hardly anything is left of the
// interpreter, to wait in which would be too late: by then it has left.
void leave(Place& place) noexcept {
    if (!std::exchange(place.is_known, false)) return;
    const ControlLock lock;
    std::erase(registry().places, &place);
}

PyObject* at_exit(PyObject* module, PyObject*) noexcept {
    leave(place_of(module));
    Py_RETURN_NONE;
}

PyMethodDef g_at_exit = {"tracypy_leave", at_exit, METH_NOARGS, "The interpreter ends."};

/// Before the interpreter ends: to visit it then would end the process.
bool leave_at_exit(PyObject* module) noexcept {
    PyObject* const atexit = PyImport_ImportModule("atexit");
    PyObject* const callback = atexit != nullptr ? PyCFunction_New(&g_at_exit, module) : nullptr;
    PyObject* const result = callback != nullptr ? PyObject_CallMethod(atexit, "register", "(O)", callback) : nullptr;
    Py_XDECREF(result);
    Py_XDECREF(callback);
    Py_XDECREF(atexit);
    return result != nullptr;
}

bool refuse(const char* why) noexcept {
    PyErr_SetString(PyExc_ImportError, why);
    return false;
}

bool join(PyObject* module) noexcept {
    PyInterpreterState* const interpreter = PyInterpreterState_Get();
    if (interpreter == PyInterpreterState_Main())
        return refuse("tracypy._sub is for other interpreters than the main one");
    if (!kRecordsSubinterpreters) {
        return refuse(
            "tracypy works in the main interpreter only, and this is a subinterpreter: from CPython 3.13 on "
            "their calls are recorded");
    }
    if (g_code_slot < 0) return refuse("import tracypy in the main interpreter first: that has the recorder");
    {
        const ControlLock lock;
        if (!lock || is_known(interpreter)) return true;
    }
    Place& place = place_of(module);
    if (!make_place(place, module) || !take_code_slot() || !leave_at_exit(module)) return false;
    process_recorder().gate().expect_writers();
    const ControlLock lock;
    if (!lock) return true;
    try {
        registry().places.push_back(&place);
    } catch (...) {
        PyErr_NoMemory();
        return false;
    }
    place.is_known = true;
    apply(place, registry().tool);
    return true;
}

int execute(PyObject* module) noexcept {
    new (PyModule_GetState(module)) Place;
    if (PyModule_AddIntConstant(module, "ID", static_cast<long>(PyInterpreterState_GetID(PyInterpreterState_Get()))) !=
        0) {
        return -1;
    }
    if (PyModule_AddStringConstant(module, "VERSION", TRACYPY_VERSION) != 0) return -1;
    return join(module) ? 0 : -1;
}

int traverse(PyObject* module, visitproc visit, void* arg) noexcept {
    const Place* const place = static_cast<Place*>(PyModule_GetState(module));
    if (place != nullptr) Py_VISIT(place->handler_type);
    return 0;
}

void free_module(void* module) noexcept {
    auto* const place = static_cast<Place*>(PyModule_GetState(static_cast<PyObject*>(module)));
    if (place == nullptr || !place->is_made) return;
    leave(*place);
    Py_CLEAR(place->handler_type);
    place->~Place();
}

PyObject* say(PyObject*, PyObject* text) noexcept {
    base::log(base::LogLevel::Warning, utf8_of(text));
    Py_RETURN_NONE;
}

PyMethodDef g_functions[] = {
    {"say", say, METH_O, "Write a line to stderr."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef_Slot g_slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(execute)},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#ifdef Py_mod_gil
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, nullptr},
};

PyModuleDef g_module = {
    PyModuleDef_HEAD_INIT,
    "tracypy._sub",
    "Makes the calls of an interpreter zones, that is not the main one.",
    sizeof(Place),
    g_functions,
    g_slots,
    traverse,
    nullptr,
    free_module,
};

}  // namespace

PyModuleDef* subinterpreter_module() noexcept {
    return &g_module;
}

void record_subinterpreters(int tool) noexcept {
    Registry& all = registry();
    if (all.tool == tool) return;
    all.tool = tool;
    for (Place* const place : all.places) {
        const Visit visit(place->interpreter);
        if (visit) apply(*place, tool);
    }
}

void forget_subinterpreters() noexcept {
    registry().places.clear();
    registry().tool = -1;
}

}  // namespace tracypy::cpython
