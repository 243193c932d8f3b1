#include "cpython/object_counts.hpp"

#include <algorithm>
#include <atomic>
#include <vector>

#include "cpython/compat.hpp"

namespace tracypy::cpython {
namespace {

constexpr std::int64_t kEveryNs = 100'000'000;
constexpr std::int64_t kShareOfTime = 1'000;  // one part of it

// Written by the main thread, read by the drain when `g_is_counted`.
ObjectCounts g_counts;
std::atomic<bool> g_is_counted{false};
std::atomic<bool> g_is_asked{false};
std::atomic<std::int64_t> g_not_before_ns{0};

/// Of `name` in the module `_asyncio` if that is imported; else null. Borrowed; imports nothing.
PyObject* asyncio_item(const char* name) noexcept {
    PyObject* const module = PyDict_GetItemString(PyImport_GetModuleDict(), "_asyncio");
    if (module == nullptr || !PyModule_Check(module)) return nullptr;
    return PyDict_GetItemString(PyModule_GetDict(module), name);
}

struct Walk {
    PyTypeObject* task_type = nullptr;
    std::uint64_t objects = 0;
    std::vector<PyObject*> tasks;  // references

    /// Subclasses have the finalizer of the type, but for those few with a `__del__` of their own.
    bool is_task(PyObject* object) const noexcept {
        PyTypeObject* const type = Py_TYPE(object);
        if (task_type == nullptr || type->tp_finalize != task_type->tp_finalize) return false;
        return type == task_type || PyType_IsSubtype(type, task_type);
    }
    static int visit(PyObject* object, void* raw) noexcept {
        auto& self = *static_cast<Walk*>(raw);
        ++self.objects;
        // 0: on its way out, on another thread.
        if (!self.is_task(object) || Py_REFCNT(object) == 0) return 1;
        try {
            self.tasks.push_back(Py_NewRef(object));
        } catch (...) {
            Py_DECREF(object);
            return 0;  // out of memory
        }
        return 1;
    }
};

/// By the method of the type itself: one that a subclass has in its place could be Python code.
std::uint64_t unfinished(std::vector<PyObject*>& tasks, PyTypeObject* type) noexcept {
    PyObject* const is_done = PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), "done");
    std::uint64_t count = 0;
    for (PyObject* const task : tasks) {
        PyObject* const done = is_done != nullptr ? PyObject_CallOneArg(is_done, task) : nullptr;
        if (done == Py_False) ++count;
        Py_XDECREF(done);
        Py_DECREF(task);
    }
    Py_XDECREF(is_done);
    PyErr_Clear();
    return count;
}

int count_objects(void*) noexcept {
    const std::int64_t begun_ns = base::monotonic_ns();
    Walk walk;
    PyObject* const type = asyncio_item("Task");
    if (type != nullptr && PyType_Check(type)) walk.task_type = reinterpret_cast<PyTypeObject*>(Py_NewRef(type));
    wait_out_the_end([&walk] { PyUnstable_GC_VisitObjects(&Walk::visit, &walk); });
    ObjectCounts counts{base::now_ticks(), walk.objects, std::nullopt};
    if (walk.task_type != nullptr) counts.tasks = unfinished(walk.tasks, walk.task_type);
    Py_XDECREF(walk.task_type);
    if (!g_is_counted.load(std::memory_order_acquire)) {
        g_counts = counts;
        g_is_counted.store(true, std::memory_order_release);
    }
    const std::int64_t now_ns = base::monotonic_ns();
    g_not_before_ns.store(now_ns + std::max(kEveryNs, (now_ns - begun_ns) * kShareOfTime), std::memory_order_relaxed);
    g_is_asked.store(false, std::memory_order_release);
    return 0;
}

}  // namespace

void ask_for_object_counts(std::int64_t now_ns) noexcept {
    if (now_ns < g_not_before_ns.load(std::memory_order_relaxed) || interpreter_is_leaving()) return;
    if (g_is_asked.exchange(true, std::memory_order_acquire)) return;
    if (Py_AddPendingCall(count_objects, nullptr) != 0) g_is_asked.store(false, std::memory_order_relaxed);
}

std::optional<ObjectCounts> take_object_counts() noexcept {
    if (!g_is_counted.load(std::memory_order_acquire)) return std::nullopt;
    const ObjectCounts counts = g_counts;
    g_is_counted.store(false, std::memory_order_release);
    return counts;
}

}  // namespace tracypy::cpython
