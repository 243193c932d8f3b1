#include "cpython/memory.hpp"

#include <array>

#include "cpython/arguments.hpp"
#include "cpython/callstacks.hpp"
#include "cpython/first_use.hpp"
#include "cpython/name_cache.hpp"
#include "cpython/thread_state.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

using events::MemoryAction;

/// Of a size: viewers keep 47 bits of it.
constexpr std::uint64_t kLargestSize = (std::uint64_t{1} << 47) - 1;
constexpr std::uint64_t kLastAddress = ~std::uint64_t{0};

struct Limits {
    const char* what;
    std::uint64_t least, most;
    const char* most_text;
};

/// An int within the limits. False with TypeError or ValueError set.
bool parse_number(const char* function, const Limits& limits, PyObject* value, std::uint64_t* number) noexcept {
    PyObject* const index = PyNumber_Index(value);
    if (index == nullptr) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "%s: %s must be an int, not %s", function, limits.what,
                         Py_TYPE(value)->tp_name);
        }
        return false;
    }
    *number = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    const bool is_outside = PyErr_Occurred() != nullptr;
    if (is_outside && !PyErr_ExceptionMatches(PyExc_OverflowError)) return false;
    if (!is_outside && *number >= limits.least && *number <= limits.most) return true;
    PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "%s: %s must be from %d to %s, not %S", function, limits.what,
                 static_cast<int>(limits.least), limits.most_text, value);
    return false;
}

/// The pool's name: None, or a str; and how many calls. False with TypeError or ValueError set.
bool parse_rest(const char* function, PyObject* name, PyObject* callstack, unsigned* frames) noexcept {
    if (name != nullptr && name != Py_None && !require_str(function, "name", name)) return false;
    return callstack == nullptr || parse_callstack(function, callstack, frames);
}

void write(PyObject* name, unsigned callstack, events::MemoryStep step) {
    recorder::ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return;
    static NameCache pools(base::names().memory_pools);
    step.thread = buffer->id();
    if (name != nullptr && name != Py_None && PyUnicode_GET_LENGTH(name) != 0) step.pool = pools.find(name);
    step.callstack = current_callstack(callstack);
    buffer->write_shared(step);
}

PyObject* done(PyObject* name, unsigned callstack, const events::MemoryStep& step) noexcept {
    note_use();
    try {
        write(name, callstack, step);
    } catch (...) {
        return PyErr_NoMemory();
    }
    Py_RETURN_NONE;
}

PyObject* function_alloc(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"address", "size", "name", "callstack"};
    static constexpr Limits kAddress{"address", 1, kLastAddress, "2**64 - 1"};
    static constexpr Limits kSize{"size", 0, kLargestSize, "2**47 - 1"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"memory_alloc", kNames, 2, 1}, arguments, count, keywords, values)) return nullptr;
    const auto [address, size, name, callstack] = values;
    unsigned frames = 0;
    events::MemoryStep step{.action = MemoryAction::Allocate};
    if (!parse_number("memory_alloc()", kAddress, address, &step.address)) return nullptr;
    if (!parse_number("memory_alloc()", kSize, size, &step.size)) return nullptr;
    if (!parse_rest("memory_alloc()", name, callstack, &frames)) return nullptr;
    return done(name, frames, step);
}

PyObject* function_free(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"address", "name", "callstack"};
    static constexpr Limits kAddress{"address", 0, kLastAddress, "2**64 - 1"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"memory_free", kNames, 1, 1}, arguments, count, keywords, values)) return nullptr;
    const auto [address, name, callstack] = values;
    unsigned frames = 0;
    events::MemoryStep step{.action = MemoryAction::Free};
    if (!parse_number("memory_free()", kAddress, address, &step.address)) return nullptr;
    if (!parse_rest("memory_free()", name, callstack, &frames)) return nullptr;
    if (step.address == 0) Py_RETURN_NONE;  // as in C
    return done(name, frames, step);
}

PyMethodDef g_functions[] = {
    {"memory_alloc", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_alloc)),
     METH_FASTCALL | METH_KEYWORDS,
     "memory_alloc($module, address, size, name=None, *, callstack=0)\n--\n\n"
     "Record that the program has allocated `size` bytes at `address`, at this moment.\n\n"
     "Does nothing unless a viewer is connected or a recording runs.\n\n"
     "Args:\n"
     "    address: Where, or any other number by which memory_free() knows it. A block that is there already is freed "
     "first.\n"
     "    size: How many bytes.\n"
     "    name: The pool; None for the default one. The 4,097th name and all after it are one, \"other memory\".\n"
     "    callstack: How many of the running calls to show with it, 62 at most.\n\n"
     "Raises:\n"
     "    TypeError: The address, the size or `callstack` is not an int, or the name not a str.\n"
     "    ValueError: The address is not from 1 to 2**64 - 1, the size not from 0 to 2**47 - 1, or `callstack` not "
     "from "
     "0 to 62."},
    {"memory_free", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_free)),
     METH_FASTCALL | METH_KEYWORDS,
     "memory_free($module, address, name=None, *, callstack=0)\n--\n\n"
     "Record that the program has freed a block of memory_alloc(), in the same pool, on any thread.\n\n"
     "A free of a block that was allocated before the session is left out. Address 0 is ignored, as in C.\n\n"
     "Args:\n"
     "    address: As in memory_alloc().\n"
     "    name: As in memory_alloc().\n"
     "    callstack: As in memory_alloc().\n\n"
     "Raises:\n"
     "    TypeError: The address or `callstack` is not an int, or the name not a str.\n"
     "    ValueError: The address is not from 0 to 2**64 - 1, or `callstack` not from 0 to 62."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool add_memory_to(PyObject* module) noexcept {
    return PyModule_AddFunctions(module, g_functions) == 0;
}

}  // namespace tracypy::cpython
