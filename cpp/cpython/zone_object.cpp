#include "cpython/zone_object.hpp"

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "base/names.hpp"
#include "cpython/arguments.hpp"
#include "cpython/callstacks.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/zone_sites.hpp"
#include "recorder/remark.hpp"

namespace tracypy::cpython {
namespace {

using events::Kind;
using recorder::Remark;
using recorder::Remarks;
using recorder::ThreadBuffer;

struct ZoneObject {
    PyObject_HEAD
    ThreadBuffer* buffer;   // where it is open, if it is; another thread only names it to the recorder
    recorder::ZoneKey key;  // 0: not open; on a row of its own, where kOnRow says so
    ZoneSite site;
    // Of the thread that made it, at that moment: a zone that is entered elsewhere, such as in a helper like
    // ExitStack.enter_context, which returns before it ends, may outlast. As may all that are not Nested: null.
    // Of one with a call stack: null, so that it takes the unusual way, and `nested_mark` has it.
    const void* mark;
    Remarks* remarks;  // owned; null when there are none
    // By a with statement, or what does as one: it holds the zone until it ends it.
    bool is_entered;
    const void* nested_mark;  // only of a zone with a call stack

    bool may_outlast(const ThreadBuffer& here) const noexcept {
        return (site.callstack() != 0 ? nested_mark : mark) != here.mark();
    }
};

PyTypeObject* g_type = nullptr;
PyObject* g_idle = nullptr;  // what zone() returns without a session: it does nothing

ZoneObject* self_of(PyObject* object) noexcept {
    return reinterpret_cast<ZoneObject*>(object);
}

[[gnu::noinline]] Remarks take_remarks(ZoneObject& zone) noexcept {
    const std::unique_ptr<Remarks> owner(std::exchange(zone.remarks, nullptr));
    return owner != nullptr ? std::move(*owner) : Remarks{};
}

[[gnu::noinline]] void write_remarks(ZoneObject& zone, ThreadBuffer& buffer) noexcept {
    // Taken first: a full buffer lets other threads run, and they may have something to say about the zone, too.
    for (const Remark& remark : take_remarks(zone)) buffer.write(remark);
}

[[gnu::noinline]] void keep(ZoneObject& zone, Remark&& entry) {
    if (zone.remarks == nullptr) zone.remarks = new Remarks;
    if (zone.remarks->size() < recorder::kMostRemarks) {
        zone.remarks->push_back(std::move(entry));
    } else {
        process_recorder().policy().count(recorder::Lost::Markup);
    }
}

/// Now if the zone is the innermost one, else when it is again, at its end at the latest.
PyObject* remark(PyObject* object, Kind kind, std::uint64_t number, std::string text) noexcept {
    if (object == g_idle) Py_RETURN_NONE;
    const ObjectLock lock(object);
    ZoneObject& zone = *self_of(object);
    try {
        Remark entry{kind, number, std::move(text)};
        if ((zone.key & recorder::kOnRow) != 0) {
            process_recorder().rows().remark(zone.key, entry);
            Py_RETURN_NONE;
        }
        ThreadBuffer* const buffer = ready_buffer();
        const bool is_here = zone.key != 0 && buffer != nullptr && buffer == zone.buffer;
        if (!is_here || !buffer->is_innermost(zone.key)) {
            keep(zone, std::move(entry));
        } else if (zone.remarks == nullptr) {
            buffer->write(entry);
        } else {
            keep(zone, std::move(entry));
            write_remarks(zone, *buffer);
        }
    } catch (...) {
        return PyErr_NoMemory();
    }
    Py_RETURN_NONE;
}

bool lies_on_row(const ZoneObject& zone, const ThreadBuffer& buffer) noexcept {
    const ZoneManner manner = zone.site.manner();
    return manner == ZoneManner::OnRow || (manner == ZoneManner::InTask && buffer.running_fiber() == nullptr);
}

[[gnu::noinline]] bool begin_on_row(ZoneObject& zone, ThreadBuffer& buffer, base::CallstackId callstack) noexcept {
    recorder::ZoneRows& rows = process_recorder().rows();
    const recorder::ZoneKey key = rows.begin(buffer.id(), base::now_ticks(), zone.site.location(), callstack);
    if (key == 0) return false;
    zone.buffer = &buffer;
    zone.key = key;
    for (const Remark& remark : take_remarks(zone)) rows.remark(key, remark);
    return true;
}

/// Where it lies, how often, and with what said about it does not matter. Apart, so that begin() saves no registers.
[[gnu::noinline]] void begin_unusual(ZoneObject& zone) noexcept {
    ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return;
    const base::CallstackId callstack = current_callstack(zone.site.callstack());
    const bool may_outlast = zone.may_outlast(*buffer);
    if (may_outlast && lies_on_row(zone, *buffer) && begin_on_row(zone, *buffer, callstack)) return;
    zone.buffer = buffer;
    zone.key = buffer->new_token();
    const recorder::OpenZone open(zone.key, zone.site.location(), callstack);
    if (may_outlast) {
        buffer->begin_to_outlast(open);
    } else {
        buffer->begin(open);
    }
    if (zone.remarks == nullptr) [[likely]] {
        return;
    }
    if (buffer->is_innermost(zone.key)) write_remarks(zone, *buffer);  // not if another session began meanwhile
}

inline void begin(ZoneObject& zone) noexcept {
    const base::Ticks now = base::CounterClock::now();
    ThreadBuffer* const buffer = t_buffer;
    if (base::has_counter_clock() && zone.mark == buffer->mark() && zone.remarks == nullptr) [[likely]] {
        const recorder::ZoneKey key = buffer->new_token();
        if (buffer->try_begin(key, zone.site.begin(), now)) [[likely]] {
            zone.buffer = buffer;
            zone.key = key;
            return;
        }
    }
    begin_unusual(zone);
}

[[gnu::noinline]] void end_unusual(ZoneObject& zone, recorder::ZoneKey key) noexcept {
    const base::Ticks now = base::now_ticks();
    ThreadBuffer* const own = ready_buffer();
    if ((key & recorder::kOnRow) != 0) return process_recorder().rows().end(key, now, take_remarks(zone));
    if (own == nullptr) {
        take_remarks(zone);  // the session ended meanwhile
    } else if (own != zone.buffer) {
        process_recorder().post(zone.buffer, key, true, now, take_remarks(zone));
    } else {
        if (zone.remarks != nullptr && own->is_innermost(key)) write_remarks(zone, *own);
        own->end_by_hand(key, now, take_remarks(zone));
    }
}

inline void end(ZoneObject& zone) noexcept {
    const base::Ticks now = base::CounterClock::now();
    const recorder::ZoneKey key = zone.key;
    if (key == 0) return;
    zone.key = 0;
    ThreadBuffer* const buffer = t_buffer;
    const bool is_usual = base::has_counter_clock() && buffer == zone.buffer && zone.remarks == nullptr;
    if (is_usual && buffer->try_end(key, now)) [[likely]] {
        return;
    }
    end_unusual(zone, key);
}

// It can no longer be ended, so it lasts as long as its thread; what was said about it must still be sent. But a with
// statement that lets go of it has come to nothing: from 3.14 on, a signal may raise between __enter__() and the block.
[[gnu::noinline]] void abandon(ZoneObject& zone) noexcept {
    if (zone.is_entered) return end_unusual(zone, std::exchange(zone.key, 0));
    if (zone.remarks == nullptr) return;
    ThreadBuffer* const buffer = t_buffer;
    if (buffer == zone.buffer && is_ready(buffer)) {
        buffer->keep(zone.key, take_remarks(zone));
    } else if (process_recorder().epoch() != 0) {
        process_recorder().post(zone.buffer, zone.key, false, 0, take_remarks(zone));
    }
}

// --- methods ---

PyObject* zone_enter(PyObject* object, PyObject*) noexcept {
    if (object != g_idle) {
        const ObjectLock lock(object);
        if (self_of(object)->key != 0) {
            PyErr_SetString(PyExc_RuntimeError, "this zone is open already: make one zone() per with statement");
            return nullptr;
        }
        self_of(object)->is_entered = true;
        begin(*self_of(object));
    }
    return Py_NewRef(object);
}

PyObject* zone_exit(PyObject* object, PyObject* const*, Py_ssize_t) noexcept {
    if (object == g_idle) Py_RETURN_NONE;
    const ObjectLock lock(object);
    end(*self_of(object));
    Py_RETURN_NONE;
}

PyObject* zone_text(PyObject* object, PyObject* text) noexcept {
    if (!require_str("Zone.text()", "text", text)) return nullptr;
    return remark(object, Kind::ZoneText, 0, utf8_of(text));
}

PyObject* zone_name(PyObject* object, PyObject* name) noexcept {
    if (!require_str("Zone.name()", "name", name)) return nullptr;
    return remark(object, Kind::ZoneName, 0, utf8_of(name));
}

// The wire has unsigned 64-bit values only; other numbers are shown as text rather than bent.
PyObject* zone_value(PyObject* object, PyObject* value) noexcept {
    if (PyLong_Check(value)) {
        const unsigned long long number = PyLong_AsUnsignedLongLong(value);
        if (PyErr_Occurred() == nullptr) return remark(object, Kind::ZoneValue, number, {});
        PyErr_Clear();
    } else if (!PyFloat_Check(value)) {
        PyErr_Format(PyExc_TypeError, "Zone.value(): value must be an int or a float, not %s", Py_TYPE(value)->tp_name);
        return nullptr;
    }
    PyObject* const text = PyObject_Str(value);
    if (text == nullptr) return nullptr;
    std::string bytes = utf8_of(text);
    Py_DECREF(text);
    return remark(object, Kind::ZoneText, 0, std::move(bytes));
}

PyObject* zone_color(PyObject* object, PyObject* value) noexcept {
    std::uint32_t rgb = 0;
    if (!parse_color(value, &rgb)) return nullptr;
    return remark(object, Kind::ZoneColor, rgb, {});
}

// The memory of zones that have ended, for the next ones: a zone in a loop takes the one it gave back. Guarded by the
// GIL; builds without it have an allocator for each thread, which is as good.
class SpareZones {
public:
    PyObject* take() noexcept { return count_ != 0 ? spare_[--count_] : nullptr; }
    bool keep(PyObject* zone) noexcept {
        if (kFreeThreaded || count_ == spare_.size()) return false;
        spare_[count_++] = zone;
        return true;
    }

private:
    std::array<PyObject*, 16> spare_{};
    std::size_t count_ = 0;
};
SpareZones g_spare;

void free_zone(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    if (!g_spare.keep(object)) PyObject_Free(object);
    Py_DECREF(type);
}

[[gnu::noinline]] void zone_dealloc_unusual(PyObject* object) noexcept {
    if (self_of(object)->key != 0) abandon(*self_of(object));
    delete self_of(object)->remarks;
    free_zone(object);
}

void zone_dealloc(PyObject* object) noexcept {
    // Not ended, or not all told: one test for both, since every zone comes by.
    if ((self_of(object)->key | reinterpret_cast<std::uintptr_t>(self_of(object)->remarks)) != 0) [[unlikely]] {
        return zone_dealloc_unusual(object);
    }
    free_zone(object);
}

// --- functions ---

PyObject* new_zone(ZoneSite site) noexcept {
    PyObject* const spare = g_spare.take();
    auto* const zone = spare != nullptr ? self_of(PyObject_Init(spare, g_type)) : PyObject_New(ZoneObject, g_type);
    if (zone == nullptr) return nullptr;
    zone->key = 0;
    zone->site = site;
    zone->mark = site.manner() == ZoneManner::Nested ? t_buffer->mark() : nullptr;
    zone->remarks = nullptr;
    zone->is_entered = false;
    return reinterpret_cast<PyObject*>(zone);
}

[[gnu::noinline]] PyObject* named(PyObject* zone, PyObject* name) noexcept {
    if (zone == nullptr) return nullptr;
    PyObject* const done = remark(zone, Kind::ZoneName, 0, utf8_of(name));
    if (done == nullptr) Py_CLEAR(zone);
    Py_XDECREF(done);
    return zone;
}

void give_callstack(ZoneObject& zone, unsigned frames) noexcept {
    zone.site.set_callstack(frames);
    zone.nested_mark = std::exchange(zone.mark, nullptr);
}

inline PyObject* make_zone(PyObject* name, std::uint32_t color, unsigned callstack = 0) noexcept {
    note_use();
    if (process_recorder().epoch() == 0) return Py_NewRef(g_idle);
    const ZoneSite site = zone_site(name, color);
    PyObject* const zone = new_zone(site);
    if (callstack != 0 && zone != nullptr) give_callstack(*self_of(zone), callstack);
    if (site.name_with_zone()) [[unlikely]] {
        return named(zone, name);
    }
    return zone;
}

/// Apart, since what it parses into lies in memory.
[[gnu::noinline]] PyObject* make_any_zone(const char* function, PyObject* const* arguments, Py_ssize_t count,
                                          PyObject* keywords) noexcept {
    static constexpr std::array kNames{"name", "color", "callstack"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({function, kNames}, arguments, count, keywords, values)) return nullptr;
    std::uint32_t color = 0;
    if (!require_str(function, "name", values[0])) return nullptr;
    if (values[1] != nullptr && !parse_color(values[1], &color)) return nullptr;
    unsigned callstack = 0;
    if (values[2] != nullptr && !parse_callstack(function, values[2], &callstack)) return nullptr;
    return make_zone(values[0], color, callstack);
}

inline PyObject* make_zone(const char* function, PyObject* const* arguments, Py_ssize_t count,
                           PyObject* keywords) noexcept {
    if (count == 1 && keywords == nullptr && PyUnicode_Check(arguments[0])) [[likely]] {
        return make_zone(arguments[0], 0);
    }
    return make_any_zone(function, arguments, count, keywords);
}

PyObject* function_zone(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    return make_zone("zone", arguments, count, keywords);
}

PyObject* function_zone_begin(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    PyObject* const zone = make_zone("zone_begin", arguments, count, keywords);
    if (zone != nullptr && zone != g_idle) begin(*self_of(zone));
    return zone;
}

/// For a helper that knows better than its own line where the zone belongs.
PyObject* function_zone_at(PyObject*, PyObject* arguments) noexcept {
    PyObject *name = nullptr, *function = nullptr, *file = nullptr, *callstack = nullptr;
    unsigned line = 0, color = 0, frames = 0;
    if (PyArg_ParseTuple(arguments, "OUUIIO:zone_at", &name, &function, &file, &line, &color, &callstack) == 0 ||
        !parse_callstack("zone_at", callstack, &frames)) {
        return nullptr;
    }
    note_use();
    if (process_recorder().epoch() == 0) return Py_NewRef(g_idle);
    try {
        const std::string own = utf8_of(name), in_function = utf8_of(function), in_file = utf8_of(file);
        const std::string_view own_text = own;
        const auto location =
            base::names().locate({in_function, in_file, line, color, name == Py_None ? nullptr : &own_text});
        PyObject* const zone = new_zone({location, false, ZoneManner::Outlasts});
        if (frames != 0 && zone != nullptr) give_callstack(*self_of(zone), frames);
        return zone;
    } catch (...) {
        return PyErr_NoMemory();
    }
}

PyObject* function_zone_end(PyObject*, PyObject* zone) noexcept {
    if (!Py_IS_TYPE(zone, g_type)) {
        PyErr_Format(PyExc_TypeError, "zone_end() takes what zone_begin() returned, not %s", Py_TYPE(zone)->tp_name);
        return nullptr;
    }
    if (zone == g_idle) Py_RETURN_NONE;
    const ObjectLock lock(zone);
    end(*self_of(zone));
    Py_RETURN_NONE;
}

#define TRACYPY_FUNCTION(function) reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function))

PyMethodDef g_methods[] = {
    {"__enter__", TRACYPY_FUNCTION(zone_enter), METH_NOARGS, "Begin the zone and return it."},
    {"__exit__", TRACYPY_FUNCTION(zone_exit), METH_FASTCALL, "End the zone."},
    {"text", TRACYPY_FUNCTION(zone_text), METH_O,
     "text($self, text, /)\n--\n\n"
     "Add a line of text to the zone, shown in its tooltip. Texts longer than 65,535 bytes are cut."},
    {"value", TRACYPY_FUNCTION(zone_value), METH_O,
     "value($self, value, /)\n--\n\n"
     "Add a number to the zone. Negative numbers, floats and numbers of 2**64 and more are added as text."},
    {"name", TRACYPY_FUNCTION(zone_name), METH_O,
     "name($self, name, /)\n--\n\nReplace the zone's name, for this run only."},
    {"color", TRACYPY_FUNCTION(zone_color), METH_O,
     "color($self, color, /)\n--\n\nColor the zone: 0xRRGGBB or a name of tracypy.colors."},
    {nullptr, nullptr, 0, nullptr},
};

const char* const kZoneDoc =
    "A zone opened by hand: what tracypy.zone() returns.\n\n"
    "A context manager. Does nothing unless a viewer is connected or a recording runs. Text, value, name and colour "
    "may\n"
    "be given at any time before the zone ends; they arrive with it.";

PyType_Slot g_slots[] = {
    {Py_tp_methods, g_methods},
    {Py_tp_dealloc, reinterpret_cast<void*>(zone_dealloc)},
    {Py_tp_doc, const_cast<char*>(kZoneDoc)},
    {0, nullptr},
};

PyType_Spec g_spec = {
    "tracypy._core.Zone",
    sizeof(ZoneObject),
    0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    g_slots,
};

PyMethodDef g_functions[] = {
    {"zone", TRACYPY_FUNCTION(function_zone), METH_FASTCALL | METH_KEYWORDS,
     "zone($module, name, *, color=0, callstack=0)\n--\n\n"
     "Return a zone for the span of a with statement: `with tracypy.zone(\"load\", color=0x3366CC) as z: ...`.\n\n"
     "Args:\n"
     "    name: Shown in the viewer. File and line are those of the call.\n"
     "    color: 0xRRGGBB, a name of tracypy.colors, or 0 for the viewer's choice.\n"
     "    callstack: How many of the running calls to show with it, as it begins; 62 at most.\n\n"
     "Raises:\n"
     "    TypeError: The name is not a str, or `callstack` is not an int.\n"
     "    ValueError: The colour is unknown, or a number is out of range."},
    {"zone_begin", TRACYPY_FUNCTION(function_zone_begin), METH_FASTCALL | METH_KEYWORDS,
     "zone_begin($module, name, *, color=0, callstack=0)\n--\n\n"
     "Begin a zone that zone_end() ends, for spans that no with statement can cover. Arguments as zone()."},
    {"zone_at", function_zone_at, METH_VARARGS,
     "zone_at($module, name, function, file, line, color, callstack, /)\n--\n\n"
     "Return a zone that belongs to a place of the program, with a name of its own if it is not None."},
    {"zone_end", TRACYPY_FUNCTION(function_zone_end), METH_O,
     "zone_end($module, zone, /)\n--\n\n"
     "End a zone of zone_begin(), in any function and on any thread. Ending it twice does nothing."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool add_zones_to(PyObject* module) noexcept {
    if (g_type == nullptr) g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&g_spec));
    if (g_type == nullptr) return false;
    if (g_idle == nullptr) g_idle = new_zone({base::SourceLocationId::Other, false, ZoneManner::Nested});
    if (g_idle == nullptr) return false;
    return PyModule_AddObjectRef(module, "Zone", reinterpret_cast<PyObject*>(g_type)) == 0 &&
           PyModule_AddFunctions(module, g_functions) == 0;
}

}  // namespace tracypy::cpython
