#include "cpython/parameters.hpp"

#include <array>
#include <atomic>
#include <limits>

#include "cpython/arguments.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/process_recorder.hpp"

namespace tracypy::cpython {
namespace {

using events::ParameterKind;
using Range = recorder::Parameters::Range;

/// As viewers send and show them.
constexpr Range kWidest{std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
constexpr const char* kRangeText = "-2**31 to 2**31 - 1";

struct ParameterObject {
    PyObject_HEAD
    PyObject* name;  // a str
    recorder::Parameter* parameter;
    PyObject* callback;  // null: none
};

PyTypeObject* g_type = nullptr;
PyObject* g_objects = nullptr;  // by name: each parameter has one, which stays

// A call of run_callbacks() is wanted; it is on its way to the main thread. Relaxed: what a callback sees is ordered by
// Parameter::was_set.
std::atomic<bool> g_is_due{false}, g_is_coming{false};

ParameterObject& as_parameter(PyObject* object) noexcept {
    return *reinterpret_cast<ParameterObject*>(object);
}

PyObject* value_of(const recorder::Parameter& parameter) noexcept {
    const std::int32_t value = parameter.value.load(std::memory_order_relaxed);
    if (parameter.kind == ParameterKind::Number) return PyLong_FromLong(value);
    if (parameter.kind == ParameterKind::Switch) return PyBool_FromLong(value);
    Py_RETURN_NONE;
}

PyObject* callback_of(PyObject* object) noexcept {
    const ObjectLock lock(object);
    return Py_XNewRef(as_parameter(object).callback);
}

// What it raises is its own, and reaches nobody but sys.unraisablehook.
void call_back(PyObject* object) noexcept {
    PyObject* const callback = callback_of(object);
    if (callback == nullptr) return;
    const recorder::Parameter& parameter = *as_parameter(object).parameter;
    PyObject* const value = value_of(parameter);
    PyObject* result = nullptr;
    if (value != nullptr) {
        wait_out_the_end([&] {
            result = parameter.kind == ParameterKind::Trigger ? PyObject_CallNoArgs(callback)
                                                              : PyObject_CallOneArg(callback, value);
        });
    }
    if (result == nullptr) PyErr_WriteUnraisable(callback);
    Py_XDECREF(result);
    Py_XDECREF(value);
    Py_DECREF(callback);
}

/// Null, with no exception, without memory: then nobody learns of it.
PyObject* objects_now() noexcept {
    PyObject* const objects = PyDict_Values(g_objects);
    if (objects == nullptr) PyErr_Clear();
    return objects;
}

int run_callbacks(void*) noexcept {
    g_is_coming.store(false, std::memory_order_relaxed);
    g_is_due.store(false, std::memory_order_relaxed);
    PyObject* const objects = objects_now();
    if (objects == nullptr) return 0;
    process_recorder().parameters().take_set([objects](const recorder::Parameter& parameter) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(objects); ++i) {
            PyObject* const object = PyList_GET_ITEM(objects, i);
            if (as_parameter(object).parameter == &parameter) call_back(object);
        }
    });
    Py_DECREF(objects);
    return 0;
}

// --- parameter() ---

/// What the arguments say.
struct Wanted {
    ParameterKind kind = ParameterKind::Trigger;
    std::int32_t value = 0;
    Range range = kWidest;
};

bool parse_int(const char* what, PyObject* given, std::int32_t* number) noexcept {
    if (!PyLong_Check(given) || PyBool_Check(given)) {
        PyErr_Format(PyExc_TypeError, "parameter(): %s must be an int, not %s", what, Py_TYPE(given)->tp_name);
        return false;
    }
    int overflow = 0;
    const long long value = PyLong_AsLongLongAndOverflow(given, &overflow);
    if (overflow != 0 || value < kWidest.least || value > kWidest.most) {
        PyErr_Format(PyExc_ValueError, "parameter(): %s must be from %s", what, kRangeText);
        return false;
    }
    *number = static_cast<std::int32_t>(value);
    return true;
}

bool parse_number(PyObject* value, PyObject* least, PyObject* most, Wanted& wanted) noexcept {
    if (!PyLong_Check(value)) {
        PyErr_Format(PyExc_TypeError, "parameter(): value must be an int or a bool, not %s", Py_TYPE(value)->tp_name);
        return false;
    }
    wanted.kind = ParameterKind::Number;
    if (!parse_int("value", value, &wanted.value)) return false;
    if (least != nullptr && !parse_int("min", least, &wanted.range.least)) return false;
    if (most != nullptr && !parse_int("max", most, &wanted.range.most)) return false;
    if (wanted.range.least <= wanted.value && wanted.value <= wanted.range.most) return true;
    PyErr_Format(PyExc_ValueError, "parameter(): value must be from min to max (%d to %d), not %d",
                 static_cast<int>(wanted.range.least), static_cast<int>(wanted.range.most),
                 static_cast<int>(wanted.value));
    return false;
}

/// Of what was not given, or None, there is nothing.
bool parse(PyObject* value, PyObject* least, PyObject* most, PyObject* callback, Wanted& wanted) noexcept {
    if (callback != nullptr && PyCallable_Check(callback) == 0) {
        PyErr_Format(PyExc_TypeError, "parameter(): callback must be callable, not %s", Py_TYPE(callback)->tp_name);
        return false;
    }
    if (value != nullptr && !PyBool_Check(value)) return parse_number(value, least, most, wanted);
    if (least != nullptr || most != nullptr) {
        PyErr_SetString(PyExc_TypeError, "parameter(): only an int has min and max");
        return false;
    }
    if (value == nullptr && callback == nullptr) {
        PyErr_SetString(PyExc_TypeError, "parameter() needs a value, or, for a button, a callback");
        return false;
    }
    if (value == nullptr) return true;
    wanted = {.kind = ParameterKind::Switch, .value = value == Py_True ? 1 : 0, .range = {0, 1}};
    return true;
}

/// Null with an exception set: there is no room, or another kind of parameter has the name.
recorder::Parameter* make_native(PyObject* name, const Wanted& wanted) {
    const base::StringId id = base::names().strings.intern_if_room(utf8_of(name));
    recorder::Parameter* made = nullptr;
    if (id != base::StringId::None) {
        made = process_recorder().parameters().make(id, wanted.kind, wanted.value, wanted.range);
    }
    if (made == nullptr) {
        PyErr_SetString(PyExc_RuntimeError, "parameter(): there is no room for another one (4,096 at most)");
    } else if (made->kind != wanted.kind) {
        PyErr_Format(PyExc_ValueError, "parameter(): %R exists already, with another kind of value: use another name",
                     name);
        return nullptr;
    }
    return made;
}

/// The one object of the parameter `name`, new or not. A new reference, or null with an exception set.
PyObject* object_of(PyObject* name, recorder::Parameter* parameter) noexcept {
    // Without the GIL a dict guards itself. A lock of ours around it would be let go of where the dict takes its own.
    PyObject* const known = dict_item(g_objects, name);
    if (known != nullptr || PyErr_Occurred() != nullptr) return known;
    PyObject* const made = g_type->tp_alloc(g_type, 0);
    if (made == nullptr) return nullptr;
    as_parameter(made).parameter = parameter;
    as_parameter(made).name = Py_NewRef(name);
    // Another thread may have been faster.
    PyObject* const kept = Py_XNewRef(PyDict_SetDefault(g_objects, name, made));
    Py_DECREF(made);
    return kept;
}

void set_callback(PyObject* object, PyObject* callback) noexcept {
    PyObject* before = nullptr;
    {
        const ObjectLock lock(object);
        before = as_parameter(object).callback;
        as_parameter(object).callback = Py_XNewRef(callback);
    }
    Py_XDECREF(before);
}

PyObject* function_parameter(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"name", "value", "min", "max", "callback"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"parameter", kNames, 1, 1}, arguments, count, keywords, values)) return nullptr;
    for (PyObject*& value : values) value = value == Py_None ? nullptr : value;
    const auto [name, value, least, most, callback] = values;
    if (!require_str("parameter()", "name", name != nullptr ? name : Py_None)) return nullptr;
    Wanted wanted;
    if (!parse(value, least, most, callback, wanted)) return nullptr;
    recorder::Parameter* parameter = nullptr;
    try {
        parameter = make_native(name, wanted);
    } catch (...) {
        PyErr_NoMemory();
    }
    if (parameter == nullptr) return nullptr;
    PyObject* const object = object_of(name, parameter);
    if (object == nullptr) return nullptr;
    set_callback(object, callback);
    note_use();
    return object;
}

// --- the type ---

PyObject* get_value(PyObject* object, void*) noexcept {
    return value_of(*as_parameter(object).parameter);
}

PyObject* get_name(PyObject* object, void*) noexcept {
    return Py_NewRef(as_parameter(object).name);
}

PyObject* parameter_repr(PyObject* object) noexcept {
    PyObject* const value = get_value(object, nullptr);
    if (value == nullptr) return nullptr;
    PyObject* const text = PyUnicode_FromFormat("<tracypy.Parameter %R: %R>", as_parameter(object).name, value);
    Py_DECREF(value);
    return text;
}

// One that found no place among the objects.
void parameter_dealloc(PyObject* object) noexcept {
    PyTypeObject* const type = Py_TYPE(object);
    Py_XDECREF(as_parameter(object).name);
    Py_XDECREF(as_parameter(object).callback);
    type->tp_free(object);
    Py_DECREF(type);
}

PyGetSetDef g_members[] = {
    {"value", get_value, nullptr,
     "What it is now: an int, or a bool for a switch; None for a button. Follows what viewers set.", nullptr},
    {"name", get_name, nullptr, "What viewers call it.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot g_slots[] = {
    {Py_tp_dealloc, reinterpret_cast<void*>(parameter_dealloc)},
    {Py_tp_repr, reinterpret_cast<void*>(parameter_repr)},
    {Py_tp_getset, g_members},
    {Py_tp_doc, const_cast<char*>("A value that a viewer may set, as parameter() makes it.")},
    {0, nullptr},
};

PyType_Spec g_spec = {"tracypy._core.Parameter", sizeof(ParameterObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION, g_slots};

PyMethodDef g_parameter_functions[] = {
    {"parameter", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_parameter)),
     METH_FASTCALL | METH_KEYWORDS,
     "parameter($module, name, value=None, *, min=None, max=None, callback=None)\n--\n\n"
     "Return a value that the user of a viewer may set while the program runs: `p.value` is what it is now.\n\n"
     "Viewers show it in the window of the connection, with its value when they connect. The same name is the same\n"
     "parameter: value, range and callback are those that were given last.\n\n"
     "Args:\n"
     "    name: What viewers call it.\n"
     "    value: Its first value: an int; a bool for a switch; None for a button, which has no value.\n"
     "    min: For an int: lower values that a viewer sets count as this one. By default -2**31.\n"
     "    max: The same for higher values. By default 2**31 - 1.\n"
     "    callback: Called with the new value whenever a viewer has set it; for a button, without arguments. It runs "
     "on\n"
     "        the main thread, between two of its instructions, as a signal handler does; exceptions go to\n"
     "        sys.unraisablehook. Several values that are set before that make one call.\n\n"
     "Raises:\n"
     "    TypeError: The name is not a str, the value not an int or a bool, the callback not callable; or there is\n"
     "        neither value nor callback.\n"
     "    ValueError: A number is not from -2**31 to 2**31 - 1, the value not from min to max, or a parameter of "
     "another\n"
     "        kind has the name.\n"
     "    RuntimeError: There are 4,096 already."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void set_parameter(std::uint32_t index, std::int32_t value) noexcept {
    if (!process_recorder().parameters().set(index, value)) return;
    g_is_due.store(true, std::memory_order_relaxed);
    call_back_soon();
}

void call_back_soon() noexcept {
    if (!g_is_due.load(std::memory_order_relaxed) || g_is_coming.load(std::memory_order_relaxed)) return;
    if (interpreter_is_leaving() || g_is_coming.exchange(true, std::memory_order_relaxed)) return;
    if (Py_AddPendingCall(run_callbacks, nullptr) != 0) g_is_coming.store(false, std::memory_order_relaxed);
}

void forget_calls_back() noexcept {
    g_is_coming.store(false, std::memory_order_relaxed);
}

void renew_parameter_locks() noexcept {
    if (g_objects == nullptr) return;
    renew_lock_after_fork(g_objects);
    Py_ssize_t at = 0;
    PyObject* object = nullptr;
    while (PyDict_Next(g_objects, &at, nullptr, &object) != 0) renew_lock_after_fork(object);
}

bool add_parameters_to(PyObject* module) noexcept {
    if (g_type == nullptr) g_type = reinterpret_cast<PyTypeObject*>(PyType_FromSpec(&g_spec));
    if (g_objects == nullptr) g_objects = PyDict_New();
    return g_type != nullptr && g_objects != nullptr &&
           PyModule_AddObjectRef(module, "Parameter", reinterpret_cast<PyObject*>(g_type)) == 0 &&
           PyModule_AddFunctions(module, g_parameter_functions) == 0;
}

}  // namespace tracypy::cpython
