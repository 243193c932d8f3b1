#include "cpython/gpu.hpp"

#include <array>
#include <atomic>
#include <limits>
#include <new>
#include <optional>

#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/zone_sites.hpp"
#include "recorder/gpu_queue.hpp"

namespace tracypy::cpython {
namespace {

/// As GpuKind has them, from its second one.
constexpr std::array kKinds{"opengl", "vulkan", "opencl", "direct3d12", "direct3d11",
                            "metal",  "custom", "cuda",   "rocprof",    "webgpu"};
/// So that whatever is added to it stays a number.
constexpr std::int64_t kMostNs = std::numeric_limits<std::int64_t>::max() / 4;

struct ContextObject {
    PyObject_HEAD
    PyObject* name;  // a str
    const char* kind;
    recorder::GpuQueue* queue;
    PyObject* lock;  // the queue's: several contexts may be the same queue
};

struct ZoneObject {
    PyObject_HEAD
    PyObject* context;  // a ContextObject, whose queue's lock guards the zone
    PyObject* name;     // a str
    base::SourceLocationId location;
    enum class State : std::uint8_t { New, Begun, Ended, Told } state;
    recorder::GpuZone zone;
};

PyTypeObject* g_context_type = nullptr;
PyTypeObject* g_zone_type = nullptr;

ContextObject& as_context(PyObject* object) noexcept {
    return *reinterpret_cast<ContextObject*>(object);
}
ZoneObject& as_zone(PyObject* object) noexcept {
    return *reinterpret_cast<ZoneObject*>(object);
}

bool parse_ns(const char* function, const char* what, PyObject* value, std::int64_t* ns) noexcept {
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "%s: %s must be an int, nanoseconds of the GPU's clock, not %s", function, what,
                     Py_TYPE(value)->tp_name);
        return false;
    }
    int overflow = 0;
    *ns = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0 && *ns >= -kMostNs && *ns <= kMostNs) return true;
    PyErr_Format(PyExc_ValueError, "%s: %s must be less than 73 years of nanoseconds", function, what);
    return false;
}

// --- contexts ---

/// None with TypeError or ValueError set.
std::optional<events::GpuKind> parse_kind(PyObject* value, const char** word) noexcept {
    if (!require_str("GpuContext()", "kind", value)) return std::nullopt;
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        *word = kKinds[i];
        if (PyUnicode_CompareWithASCIIString(value, *word) == 0) return static_cast<events::GpuKind>(i + 1);
    }
    PyErr_Format(PyExc_ValueError,
                 "GpuContext(): kind must be \"opengl\", \"vulkan\", \"opencl\", \"direct3d12\", \"direct3d11\", "
                 "\"metal\", \"custom\", \"cuda\", \"rocprof\" or \"webgpu\", not %R",
                 value);
    return std::nullopt;
}

/// The clock of the GPU, or that of time.perf_counter_ns(), by which its times are told then.
bool read_clock(const char* function, PyObject* given, std::int64_t* ns) noexcept {
    if (given != nullptr && given != Py_None) return parse_ns(function, "now_ns", given, ns);
    PyObject* const module = PyImport_ImportModule("time");
    PyObject* const now = module == nullptr ? nullptr : PyObject_CallMethod(module, "perf_counter_ns", nullptr);
    const bool is_read = now != nullptr && parse_ns(function, "now_ns", now, ns);
    Py_XDECREF(now);
    Py_XDECREF(module);
    return is_read;
}

std::array<std::atomic<PyObject*>, 256> g_locks;  // by the number of a context; they stay

/// What guards a queue, and its zones. Null with an exception set.
PyObject* lock_of(const recorder::GpuQueue& queue) noexcept {
    std::atomic<PyObject*>& lock = g_locks[queue.context()];
    PyObject* known = lock.load(std::memory_order_acquire);
    if (known != nullptr) return known;
    PyObject* const made = PyObject_CallNoArgs(reinterpret_cast<PyObject*>(&PyBaseObject_Type));
    if (made == nullptr || lock.compare_exchange_strong(known, made, std::memory_order_acq_rel)) return made;
    Py_DECREF(made);  // another thread was faster
    return known;
}

/// Null with an exception set.
recorder::GpuQueue* make_queue(PyObject* name, events::GpuKind kind, std::int64_t now_ns) {
    const base::StringId id = base::names().strings.intern_if_room(utf8_of(name));
    recorder::GpuQueue* queue = nullptr;
    if (id != base::StringId::None) queue = process_recorder().gpus().make(kind, id, now_ns);
    if (queue == nullptr) {
        PyErr_SetString(PyExc_RuntimeError, "GpuContext(): there is no room for another one (255 at most)");
    }
    return queue;
}

PyObject* context_new(PyTypeObject* type, PyObject* arguments, PyObject* keywords) noexcept {
    static const char* const kNames[] = {"kind", "name", "now_ns", nullptr};
    PyObject* kind = nullptr;
    PyObject* name = nullptr;
    PyObject* now = nullptr;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "OO|$O:GpuContext", const_cast<char**>(kNames), &kind, &name,
                                     &now)) {
        return nullptr;
    }
    const char* word = nullptr;
    const auto number = parse_kind(kind, &word);
    std::int64_t now_ns = 0;
    if (!number || !require_str("GpuContext()", "name", name) || !read_clock("GpuContext()", now, &now_ns)) {
        return nullptr;
    }
    recorder::GpuQueue* queue = nullptr;
    try {
        queue = make_queue(name, *number, now_ns);
    } catch (...) {
        PyErr_NoMemory();
    }
    PyObject* const lock = queue == nullptr ? nullptr : lock_of(*queue);
    PyObject* const object = lock == nullptr ? nullptr : type->tp_alloc(type, 0);
    if (object == nullptr) return nullptr;
    as_context(object).name = Py_NewRef(name);
    as_context(object).kind = word;
    as_context(object).queue = queue;
    as_context(object).lock = lock;
    note_use();
    return object;
}

void context_dealloc(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    Py_XDECREF(as_context(object).name);
    type->tp_free(object);
    Py_DECREF(type);
}

PyObject* context_repr(PyObject* object) noexcept {
    return PyUnicode_FromFormat("<tracypy.GpuContext %s %R>", as_context(object).kind, as_context(object).name);
}

PyObject* context_sync(PyObject* object, PyObject* now) noexcept {
    std::int64_t now_ns = 0;
    if (!parse_ns("sync()", "now_ns", now, &now_ns)) return nullptr;
    process_recorder().gpus().sync(*as_context(object).queue, now_ns);
    Py_RETURN_NONE;
}

/// The place in the program; of one that has had too many names none.
base::SourceLocationId place_of(PyObject* name, std::uint32_t color) noexcept {
    const ZoneSite site = zone_site(name, color);
    return site.name_with_zone() ? base::SourceLocationId::Other : site.location();
}

PyObject* context_zone(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"name", "color"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"zone", kNames}, arguments, count, keywords, values)) return nullptr;
    const auto [name, color] = values;
    std::uint32_t rgb = 0;
    if (!require_str("zone()", "name", name) || (color != nullptr && !parse_color(color, &rgb))) return nullptr;
    PyObject* const made = g_zone_type->tp_alloc(g_zone_type, 0);
    if (made == nullptr) return nullptr;
    ZoneObject& zone = as_zone(made);
    new (&zone.zone) recorder::GpuZone();
    zone.context = Py_NewRef(object);
    zone.name = Py_NewRef(name);
    zone.state = ZoneObject::State::New;
    zone.location = base::SourceLocationId::Other;
    if (process_recorder().epoch() != 0) zone.location = place_of(name, rgb);
    return made;
}

// --- zones ---

using State = ZoneObject::State;

recorder::GpuQueue& queue_of(const ZoneObject& zone) noexcept {
    return *as_context(zone.context).queue;
}

PyObject* lock_of(const ZoneObject& zone) noexcept {
    return as_context(zone.context).lock;
}

bool refuse(const ZoneObject& zone, const char* problem) noexcept {
    PyErr_Format(PyExc_RuntimeError, "GPU zone %R %s", zone.name, problem);
    return false;
}

/// Runs `work(buffer)` during a session. False without memory, with that set.
template <typename Work>
bool with_buffer(const Work& work) noexcept {
    recorder::ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return true;
    try {
        work(*buffer);
        return true;
    } catch (...) {
        PyErr_NoMemory();
        return false;
    }
}

bool begin_zone(PyObject* object) noexcept {
    ZoneObject& zone = as_zone(object);
    const ObjectLock lock(lock_of(zone));
    if (zone.state != State::New) return refuse(zone, "has begun before: make another one for each time");
    zone.state = State::Begun;
    return with_buffer(
        [&zone](recorder::ThreadBuffer& buffer) { queue_of(zone).begin(buffer, zone.location, zone.zone); });
}

bool end_zone(PyObject* object) noexcept {
    ZoneObject& zone = as_zone(object);
    const ObjectLock lock(lock_of(zone));
    if (zone.state != State::Begun) return refuse(zone, "does not last: there is nothing to end");
    zone.state = State::Ended;
    return with_buffer([&zone](recorder::ThreadBuffer& buffer) { queue_of(zone).end(buffer, zone.zone); });
}

PyObject* zone_begin(PyObject* object, PyObject*) noexcept {
    if (!begin_zone(object)) return nullptr;
    Py_RETURN_NONE;
}

PyObject* zone_enter(PyObject* object, PyObject*) noexcept {
    return begin_zone(object) ? Py_NewRef(object) : nullptr;
}

PyObject* zone_end(PyObject* object, PyObject*) noexcept {
    if (!end_zone(object)) return nullptr;
    Py_RETURN_NONE;
}

PyObject* zone_exit(PyObject* object, PyObject*) noexcept {
    if (as_zone(object).state == State::Begun && !end_zone(object)) return nullptr;
    Py_RETURN_NONE;
}

PyObject* zone_set_times(PyObject* object, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"begin_ns", "end_ns"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"set_times", kNames, 2}, arguments, count, keywords, values)) return nullptr;
    std::int64_t begin_ns = 0, end_ns = 0;
    if (!parse_ns("set_times()", "begin_ns", values[0], &begin_ns)) return nullptr;
    if (!parse_ns("set_times()", "end_ns", values[1], &end_ns)) return nullptr;
    if (end_ns < begin_ns) {
        return PyErr_Format(PyExc_ValueError, "set_times(): end_ns must not be before begin_ns (%lld and %lld)",
                            static_cast<long long>(end_ns), static_cast<long long>(begin_ns));
    }
    ZoneObject& zone = as_zone(object);
    const ObjectLock lock(lock_of(zone));
    if (zone.state == State::Told) {
        (void)refuse(zone, "has its times already");
        return nullptr;
    }
    if (zone.state != State::Ended) {
        (void)refuse(zone, "has not ended: its times come after that");
        return nullptr;
    }
    zone.state = State::Told;
    const bool is_told = with_buffer([&](recorder::ThreadBuffer& buffer) {
        recorder::GpuQueue& queue = queue_of(zone);
        recorder::GpuQueues& queues = process_recorder().gpus();
        queue.set_times(buffer, zone.zone, queues.tick_of(queue, begin_ns), queues.tick_of(queue, end_ns));
    });
    if (!is_told) return nullptr;
    Py_RETURN_NONE;
}

PyObject* zone_is_recorded(PyObject* object, void*) noexcept {
    const ZoneObject& zone = as_zone(object);
    const ObjectLock lock(lock_of(zone));
    const bool is_listening = process_recorder().epoch() != 0;
    return PyBool_FromLong(is_listening && zone.zone.session != 0 && zone.zone.session == process_recorder().session());
}

PyObject* zone_repr(PyObject* object) noexcept {
    static constexpr std::array kStates{"not begun", "begun", "ended", "with its times"};
    const ZoneObject& zone = as_zone(object);
    return PyUnicode_FromFormat("<tracypy.GpuZone %R, %s>", zone.name, kStates[static_cast<std::size_t>(zone.state)]);
}

// A zone that nobody can end any more ends here.
void zone_dealloc(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    ZoneObject& zone = as_zone(object);
    if (zone.context != nullptr) {
        const ObjectLock lock(lock_of(zone));
        try {
            if (zone.zone.is_open) queue_of(zone).forget(ready_buffer(), zone.zone);
        } catch (...) {
            // Out of memory: it stays open in the trace.
        }
        zone.zone.~GpuZone();
    }
    Py_XDECREF(zone.context);
    Py_XDECREF(zone.name);
    type->tp_free(object);
    Py_DECREF(type);
}

PyCFunction with_keywords(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*) noexcept) {
    return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}

PyMethodDef g_zone_methods[] = {
    {"begin", zone_begin, METH_NOARGS,
     "begin($self)\n--\n\nBegin it: what is given to the GPU now belongs to it.\n\n"
     "Raises:\n    RuntimeError: It has begun before."},
    {"end", zone_end, METH_NOARGS,
     "end($self)\n--\n\nEnd it, and the zones that have begun within it.\n\n"
     "Raises:\n    RuntimeError: It has not begun, or has ended."},
    {"set_times", with_keywords(zone_set_times), METH_FASTCALL | METH_KEYWORDS,
     "set_times($self, begin_ns, end_ns)\n--\n\n"
     "Say when the GPU has worked on it. At any time after its end, on any thread.\n\n"
     "Args:\n"
     "    begin_ns: By the GPU's clock, in nanoseconds.\n"
     "    end_ns: The same.\n\n"
     "Raises:\n"
     "    RuntimeError: It has not ended, or has its times.\n"
     "    TypeError: A time is not an int.\n"
     "    ValueError: The end is before the begin."},
    {"__enter__", zone_enter, METH_NOARGS, "__enter__($self)\n--\n\nBegin it."},
    {"__exit__", zone_exit, METH_VARARGS, "__exit__($self, *exc_info)\n--\n\nEnd it, unless end() has."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef g_zone_members[] = {
    {"is_recorded", zone_is_recorded, nullptr, "Whether the zone is being recorded. If not, its times are not needed.",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot g_zone_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(zone_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(zone_repr)},
    {Py_tp_methods, g_zone_methods},
    {Py_tp_getset, g_zone_members},
    {Py_tp_doc, const_cast<char*>("Work that is given to a GPU, as GpuContext.zone() makes it.")},
    {0, nullptr},
};

PyType_Spec g_zone_spec = {"tracypy._core.GpuZone", sizeof(ZoneObject), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
                           g_zone_slots};

PyMethodDef g_context_methods[] = {
    {"zone", with_keywords(context_zone), METH_FASTCALL | METH_KEYWORDS,
     "zone($self, name, *, color=None)\n--\n\n"
     "Return a zone of this queue, to be begun and ended where work is given to it: `with context.zone(\"blur\") as "
     "z:`.\n"
     "\nWhen the GPU has worked on it is told later, by `z.set_times()`.\n\n"
     "Args:\n"
     "    name: What it is called.\n"
     "    color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.\n\n"
     "Raises:\n"
     "    TypeError: The name is not a str.\n"
     "    ValueError: There is no such colour."},
    {"sync", context_sync, METH_O,
     "sync($self, now_ns, /)\n--\n\n"
     "Say what the GPU's clock shows at this moment, if it has come away from the processor's.\n\n"
     "Args:\n"
     "    now_ns: In nanoseconds. Times that are told from now on are understood by it.\n\n"
     "Raises:\n"
     "    TypeError: It is not an int."},
    {nullptr, nullptr, 0, nullptr},
};

PyType_Slot g_context_slots[] = {
    {Py_tp_new, reinterpret_cast<void*>(context_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(context_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(context_repr)},
    {Py_tp_methods, g_context_methods},
    {Py_tp_doc, const_cast<char*>(
                    "GpuContext(kind, name, *, now_ns=None)\n--\n\n"
                    "A queue of a GPU, which works on what it is given in that order.\n\n"
                    "The same kind and name are the same queue.\n\n"
                    "Args:\n"
                    "    kind: \"opengl\", \"vulkan\", \"opencl\", \"direct3d12\", \"direct3d11\", \"metal\", "
                    "\"custom\", \"cuda\",\n        \"rocprof\" or \"webgpu\". Earlier viewers show one that they do "
                    "not know as \"opencl\".\n"
                    "    name: What viewers call it.\n"
                    "    now_ns: What its clock shows at this moment, in nanoseconds. None: its times are told by the\n"
                    "        clock of `time.perf_counter_ns()`.\n\n"
                    "Raises:\n"
                    "    TypeError: The kind or the name is not a str, or the time not an int.\n"
                    "    ValueError: There is no such kind.\n"
                    "    RuntimeError: There are 255 already.")},
    {0, nullptr},
};

PyType_Spec g_context_spec = {"tracypy._core.GpuContext", sizeof(ContextObject), 0,
                              Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, g_context_slots};

bool add(PyObject* module, const char* name, PyType_Spec& spec, PyTypeObject*& type) noexcept {
    if (type == nullptr) type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&spec));
    return type != nullptr && PyModule_AddObjectRef(module, name, reinterpret_cast<PyObject*>(type)) == 0;
}

}  // namespace

bool add_gpu_to(PyObject* module) noexcept {
    return add(module, "GpuZone", g_zone_spec, g_zone_type) &&
           add(module, "GpuContext", g_context_spec, g_context_type);
}

void renew_gpu_locks() noexcept {
    for (const std::atomic<PyObject*>& lock : g_locks) {
        if (PyObject* const known = lock.load(std::memory_order_relaxed)) renew_lock_after_fork(known);
    }
}

}  // namespace tracypy::cpython
