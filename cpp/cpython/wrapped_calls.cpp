#include "cpython/wrapped_calls.hpp"

#include <array>
#include <atomic>
#include <utility>

namespace tracypy::cpython {
namespace {

struct Wrapped {
    PyObject* original;
    Around around;
    const void* context;
    PyMethodDef definition;
};

// A function of CPython's knows its module, and nothing else that could tell which of ours it is: so each has its own
// entry. Written once, by the thread that has taken its number, before anybody can call it.
std::array<Wrapped, kMostWrapped> g_wrapped;
std::atomic<int> g_count{0};

template <int kIndex>
PyObject* entry(PyObject*, PyObject* const* values, Py_ssize_t positional, PyObject* names) noexcept {
    const Wrapped& wrapped = g_wrapped[kIndex];
    try {
        return wrapped.around(wrapped.context, wrapped.original, {values, positional, names});
    } catch (...) {  // out of memory
        return PyErr_NoMemory();
    }
}

using Entry = PyObject* (*)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*);

template <int... kIndexes>
constexpr std::array<Entry, kMostWrapped> entries_of(std::integer_sequence<int, kIndexes...>) {
    return {&entry<kIndexes>...};
}
constexpr auto kEntries = entries_of(std::make_integer_sequence<int, kMostWrapped>{});

}  // namespace

PyObject* wrapped(PyObject* original, Around around, const void* context) noexcept {
    const bool is_built_in = PyCFunction_Check(original);
    const int number = is_built_in ? g_count.fetch_add(1, std::memory_order_relaxed) : 0;
    if (!is_built_in || number >= kMostWrapped) {
        PyErr_SetString(PyExc_TypeError, "nothing can be put around such a function");
        return nullptr;
    }
    const auto* const function = reinterpret_cast<PyCFunctionObject*>(original);
    Wrapped& place = g_wrapped[static_cast<std::size_t>(number)];
    place = {Py_NewRef(original), around, context,
             PyMethodDef{function->m_ml->ml_name,
                         reinterpret_cast<PyCFunction>(
                             reinterpret_cast<void (*)()>(kEntries[static_cast<std::size_t>(number)])),
                         METH_FASTCALL | METH_KEYWORDS, function->m_ml->ml_doc}};
    return PyCFunction_NewEx(&place.definition, function->m_self, function->m_module);
}

}  // namespace tracypy::cpython
