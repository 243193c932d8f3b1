#include "cpython/c_calls.hpp"

#include <array>
#include <atomic>
#include <cstring>
#include <string>
#include <string_view>

#include "base/names.hpp"
#include "cpython/code_table.hpp"
#include "cpython/foreign_zones.hpp"
#include "cpython/thread_state.hpp"

namespace tracypy::cpython {
namespace {

using base::SourceLocationId;
using recorder::ThreadBuffer;

constexpr auto kLeftOut = static_cast<SourceLocationId>(0xFFFFF);  // no zone

PyTypeObject* g_own_function_type = nullptr;

/// What a callable is called. `key`: what stays the same for as long as the process lives; null when nothing does.
struct Callable {
    const void* key = nullptr;
    PyTypeObject* owner = nullptr;  // of a method; or the type that is called
    PyObject* module = nullptr;     // of a function: a str, borrowed
    const char* name = nullptr;     // null: the owner's
};

bool is_static(const PyTypeObject* type) noexcept {
    return (type->tp_flags & Py_TPFLAGS_HEAPTYPE) == 0;
}

Callable function(PyCFunctionObject* callable) noexcept {
    const char* const name = callable->m_ml->ml_name;
    PyObject* const self = callable->m_self;
    if (self == nullptr) return {callable->m_ml, nullptr, nullptr, name};
    if (PyModule_CheckExact(self)) {
        PyObject* const module = callable->m_module;
        return {callable->m_ml, nullptr, module != nullptr && PyUnicode_Check(module) ? module : nullptr, name};
    }
    if (PyType_Check(self)) return {nullptr, reinterpret_cast<PyTypeObject*>(self), nullptr, name};
    return {is_static(Py_TYPE(self)) ? callable->m_ml : nullptr, Py_TYPE(self), nullptr, name};
}

Callable describe(PyObject* callable) noexcept {
    if (PyCFunction_Check(callable)) return function(reinterpret_cast<PyCFunctionObject*>(callable));
    if (Py_IS_TYPE(callable, &PyMethodDescr_Type) || Py_IS_TYPE(callable, &PyClassMethodDescr_Type)) {
        const auto* const method = reinterpret_cast<PyMethodDescrObject*>(callable);
        PyTypeObject* const owner = method->d_common.d_type;
        return {is_static(owner) ? method->d_method : nullptr, owner, nullptr, method->d_method->ml_name};
    }
    if (PyType_Check(callable)) {
        auto* const type = reinterpret_cast<PyTypeObject*>(callable);
        return {is_static(type) ? type : nullptr, type, nullptr, nullptr};
    }
    PyTypeObject* const type = Py_TYPE(callable);
    return {is_static(type) ? type : nullptr, type, nullptr, "__call__"};
}

/// "list" of "list", "deque" of "collections.deque".
std::string name_of_owner(PyTypeObject* type) {
    if (!is_static(type)) return utf8_of(reinterpret_cast<PyHeapTypeObject*>(type)->ht_qualname);
    const char* const dot = std::strrchr(type->tp_name, '.');
    return dot != nullptr ? dot + 1 : type->tp_name;
}

bool is_ours(const Callable& callable, PyObject* object) {
    constexpr std::string_view kPackage = "tracypy.";
    if (Py_TYPE(object) == g_own_function_type) return true;
    if (callable.owner != nullptr) return std::string_view(callable.owner->tp_name).starts_with(kPackage);
    if (callable.module != nullptr) return utf8_of(callable.module).starts_with(kPackage);
    return false;
}

SourceLocationId locate(const Callable& callable, PyObject* object) {
    if (is_ours(callable, object)) return kLeftOut;
    std::string name = callable.owner != nullptr ? name_of_owner(callable.owner) : std::string();
    if (callable.name != nullptr) {
        const bool is_of_module = callable.owner == nullptr && callable.module != nullptr;
        if (is_of_module && PyUnicode_CompareWithASCIIString(callable.module, "builtins") != 0) {
            name = utf8_of(callable.module);
        }
        if (!name.empty()) name += '.';
        name += callable.name;
    }
    const SourceLocationId id = base::names().locate({name, "C", 0, 0, nullptr});
    return process_recorder().auto_throttle().leaves_out(id) ? kLeftOut : id;
}

/// Locations of callables by their keys, for all threads. An entry is one word: the key and what belongs to it never
/// come from two of them. Each key has two places, so that two functions that are called in turn do not drive each
/// other out.
class Locations {
public:
    SourceLocationId of(PyObject* object) {
        const Callable callable = describe(object);
        if (callable.key == nullptr) return locate(callable, object);
        forget_outdated();
        const std::uint64_t key = reinterpret_cast<std::uintptr_t>(callable.key) >> 3 << kIdBits;
        const std::size_t place = (key >> kIdBits) * kSpread >> (64 - kPlaceBits);
        for (const std::size_t at : {place, place ^ 1}) {
            const std::uint64_t known = entries_[at].load(std::memory_order_relaxed);
            if ((known & ~kIdMask) == key) return static_cast<SourceLocationId>(known & kIdMask);
        }
        const SourceLocationId id = locate(callable, object);
        entries_[place ^ 1].store(entries_[place].load(std::memory_order_relaxed), std::memory_order_relaxed);
        entries_[place].store(key | static_cast<std::uint64_t>(id), std::memory_order_relaxed);
        return id;
    }

private:
    /// Another generation judges anew, as it does code objects.
    void forget_outdated() noexcept {
        if (generation_.load(std::memory_order_relaxed) == generation()) [[likely]] {
            return;
        }
        for (std::atomic<std::uint64_t>& entry : entries_) entry.store(0, std::memory_order_relaxed);
        generation_.store(generation(), std::memory_order_relaxed);
    }

    static constexpr unsigned kIdBits = 20;
    static constexpr std::uint64_t kIdMask = (std::uint64_t{1} << kIdBits) - 1;
    static constexpr unsigned kPlaceBits = 10;
    static constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // of neighbouring addresses over all places
    std::array<std::atomic<std::uint64_t>, 1 << kPlaceBits> entries_{};
    std::atomic<std::uintptr_t> generation_{0};
};
constinit Locations g_locations;

/// Python functions have events of their own. A bound method of C code is rare, and has no C_RETURN everywhere.
bool is_c_callable(PyObject* callable) noexcept {
    return !PyFunction_Check(callable) && !PyMethod_Check(callable);
}

bool is_watched(PyObject* code) noexcept {
    if (!is_code(code)) return false;
    const CodeInfo known = known_code(code);
    return !(known.is_current(generation()) ? known : code_info(code)).has(CodeInfo::Hidden);
}

void begin(PyObject* callable, base::Ticks now) {
    const SourceLocationId location = g_locations.of(callable);
    if (location == kLeftOut) return;
    const recorder::ZoneKey key = foreign_key(callable);
    if (t_buffer->try_begin(key, events::BeginBits(location), now)) [[likely]] {
        return;
    }
    ThreadBuffer* const buffer = ready_buffer();
    if (buffer != nullptr) buffer->begin(key, location);
}

}  // namespace

void set_own_function_type(PyTypeObject* type) noexcept {
    g_own_function_type = type;
}

PyObject* on_call(PyObject*, PyObject* const* arguments, std::size_t, PyObject*) noexcept {
    PyObject* const callable = arguments[2];
    if (!is_c_callable(callable)) Py_RETURN_NONE;
    const base::Ticks now = base::now_ticks();
    if (is_watched(arguments[0])) {
        try {
            begin(callable, now);
        } catch (...) {
            // Out of memory: a zone less.
        }
    }
    Py_RETURN_NONE;
}

PyObject* on_c_end(PyObject*, PyObject* const* arguments, std::size_t, PyObject*) noexcept {
    const base::Ticks now = base::now_ticks();
    const recorder::ZoneKey key = foreign_key(arguments[2]);
    // Not in code that is left out: the zone may be that of a caller, which has called the same function.
    if (is_watched(arguments[0]) && !t_buffer->try_end(key, now)) {
        ThreadBuffer* const buffer = ready_buffer();
        if (buffer != nullptr && buffer->is_open(key)) buffer->end(key);
    }
    Py_RETURN_NONE;
}

}  // namespace tracypy::cpython
