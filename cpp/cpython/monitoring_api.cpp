#include "cpython/monitoring_api.hpp"

#include <array>
#include <cstdarg>
#include <string_view>

#include "cpython/handlers.hpp"

namespace tracypy::cpython {
namespace {

PyObject* g_monitoring = nullptr;
EventSets g_sets;
std::array<long, kHandlerCount> g_events{};
int g_profiler_id = 2;

PyObject* call(const char* method, const char* format, ...) noexcept {
    PyObject* const function = PyObject_GetAttrString(g_monitoring, method);
    if (function == nullptr) return nullptr;
    va_list values;
    va_start(values, format);
    PyObject* const arguments = Py_VaBuildValue(format, values);
    va_end(values);
    PyObject* result = nullptr;
    // Without the GIL, some of these functions stop all threads.
    if (arguments != nullptr) wait_out_the_end([&] { result = PyObject_CallObject(function, arguments); });
    Py_XDECREF(arguments);
    Py_DECREF(function);
    return result;
}

bool succeeded(PyObject* result) noexcept {
    Py_XDECREF(result);
    return result != nullptr;
}

bool read_long(PyObject* object, const char* name, long* value) noexcept {
    PyObject* const number = PyObject_GetAttrString(object, name);
    if (number == nullptr) return false;
    *value = PyLong_AsLong(number);
    Py_DECREF(number);
    return !(*value == -1 && PyErr_Occurred() != nullptr);
}

/// Whether single code objects cannot have it.
bool is_global_only(std::string_view event) noexcept {
    return PY_VERSION_HEX < 0x030F0000 && (event == "PY_THROW" || event == "PY_UNWIND");
}

// use_tool_id says only that the id is taken; who took it is what helps.
void raise_taken(int tool) noexcept {
    PyObject* const raised = PyErr_GetRaisedException();
    PyObject* const holder = call("get_tool", "(i)", tool);
    if (holder == nullptr || holder == Py_None) {
        PyErr_SetRaisedException(raised);
    } else {
        PyErr_Format(PyExc_RuntimeError,
                     "sys.monitoring tool id %d is held by %R, so tracypy cannot record calls: stop that tool, or pass "
                     "another tool_id (0 to 5) to tracypy.enable()",
                     tool, holder);
        Py_XDECREF(raised);
    }
    Py_XDECREF(holder);
}

bool register_handlers(int tool) noexcept {
    for (std::size_t i = 0; i < kHandlerCount; ++i) {
        if (!succeeded(call("register_callback", "(ilO)", tool, g_events[i], handlers()[i].callable))) return false;
    }
    return true;
}

}  // namespace

PyObject* monitoring_module() noexcept {
    PyObject* const monitoring = PySys_GetObject("monitoring");  // borrowed
    if (monitoring == nullptr) {
        PyErr_SetString(PyExc_RuntimeError, "tracypy: this interpreter has no sys.monitoring");
    }
    return monitoring;
}

bool init_monitoring_api() {
    if (g_monitoring != nullptr) return true;
    PyObject* const monitoring = monitoring_module();
    if (monitoring == nullptr) return false;
    PyObject* const events = PyObject_GetAttrString(monitoring, "events");
    if (events == nullptr) return false;
    bool good = true;
    for (std::size_t i = 0; good && i < kHandlerCount; ++i) {
        good = read_long(events, handlers()[i].event, &g_events[i]);
        if (handlers()[i].instrument) continue;
        g_sets.all |= g_events[i];
        (is_global_only(handlers()[i].event) ? g_sets.global_only : g_sets.local) |= g_events[i];
    }
    Py_DECREF(events);
    long profiler = 0;
    if (!good || !read_long(monitoring, "PROFILER_ID", &profiler)) return false;
    g_profiler_id = static_cast<int>(profiler);
    g_monitoring = Py_NewRef(monitoring);
    return true;
}

const EventSets& event_sets() noexcept {
    return g_sets;
}

long event_of(std::size_t handler) noexcept {
    return g_events[handler];
}

long events_of(const Instruments& instruments) noexcept {
    long events = 0;
    for (std::size_t i = 0; i < kHandlerCount; ++i) {
        const auto& wanted_by = handlers()[i].instrument;
        if (wanted_by && instruments.is_on(*wanted_by)) events |= g_events[i];
    }
    return events;
}

int unobtrusive_tool_id() noexcept {
    for (const int tool : {4, 3}) {  // they belong to no kind of tool
        PyObject* const holder = call("get_tool", "(i)", tool);
        const bool is_free = holder == Py_None;
        Py_XDECREF(holder);
        if (holder == nullptr) PyErr_Clear();
        if (is_free) return tool;
    }
    return g_profiler_id;
}

bool claim_tool(int tool, const char* name) noexcept {
    if (tool < 0 || tool > 5) {
        PyErr_Format(PyExc_ValueError, "tool_id must be 0 to 5 (sys.monitoring), not %d", tool);
        return false;
    }
    if (!succeeded(call("use_tool_id", "(is)", tool, name))) {
        raise_taken(tool);
        return false;
    }
    if (register_handlers(tool)) return true;
    PyObject* const raised = PyErr_GetRaisedException();
    release_tool(tool);
    PyErr_SetRaisedException(raised);
    return false;
}

void release_tool(int tool) noexcept {
    PyObject* const raised = PyErr_GetRaisedException();
    if (!set_events(tool, 0)) PyErr_Clear();
    for (const long event : g_events) {
        if (!succeeded(call("register_callback", "(ilO)", tool, event, Py_None))) PyErr_Clear();
    }
    if (!succeeded(call("free_tool_id", "(i)", tool))) PyErr_Clear();
    PyErr_SetRaisedException(raised);
}

void restart_events() noexcept {
    if (!succeeded(call("restart_events", "()"))) PyErr_Clear();
}

bool set_events(int tool, long events) noexcept {
    return succeeded(call("set_events", "(il)", tool, events));
}

bool set_local_events(int tool, PyObject* code, long events) noexcept {
    return succeeded(call("set_local_events", "(iOl)", tool, code, events));
}

}  // namespace tracypy::cpython
