#include "cpython/preceded.hpp"

#include <array>
#include <utility>

namespace tracypy::cpython {
namespace {

struct Pair {
    PyObject* original;
    PyObject* before;
    PyMethodDef definition;
};

// A function of CPython's knows its module, and nothing else that could tell which of ours it is: so each has its own
// entry. Guarded by the interpreter; on free-threaded builds one thread at a time sets them up.
std::array<Pair, kMostPreceded> g_pairs;
int g_count = 0;

PyObject* call(const Pair& pair, PyObject* args, PyObject* kwargs) noexcept {
    if (PyObject* const result = PyObject_Call(pair.before, args, kwargs)) {
        Py_DECREF(result);
    } else {
        PyErr_Clear();
    }
    return PyObject_Call(pair.original, args, kwargs);
}

template <int kIndex>
PyObject* entry(PyObject*, PyObject* args, PyObject* kwargs) {
    return call(g_pairs[kIndex], args, kwargs);
}

template <int... kIndexes>
constexpr std::array<PyCFunctionWithKeywords, kMostPreceded> entries_of(std::integer_sequence<int, kIndexes...>) {
    return {&entry<kIndexes>...};
}
constexpr auto kEntries = entries_of(std::make_integer_sequence<int, kMostPreceded>{});

}  // namespace

PyObject* preceded(PyObject* original, PyObject* before) {
    if (!PyCFunction_Check(original) || g_count == kMostPreceded) {
        PyErr_SetString(PyExc_TypeError, "no such function can be preceded");
        return nullptr;
    }
    const auto* const function = reinterpret_cast<PyCFunctionObject*>(original);
    Pair& pair = g_pairs[g_count];
    pair.original = Py_NewRef(original);
    pair.before = Py_NewRef(before);
    pair.definition = {function->m_ml->ml_name,
                       reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(kEntries[g_count])),
                       METH_VARARGS | METH_KEYWORDS, function->m_ml->ml_doc};
    PyObject* const made = PyCFunction_NewEx(&pair.definition, function->m_self, function->m_module);
    if (made != nullptr) ++g_count;
    return made;
}

}  // namespace tracypy::cpython
