#include "cpython/process_name.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include "cpython/code_table.hpp"

namespace tracypy::cpython {
namespace {

std::atomic<bool> g_is_watching{false};
std::mutex g_mutex;
std::string g_known, g_new;  // g_mutex

/// Made once, kept for good.
struct Keys {
    PyObject* module = PyUnicode_InternFromString("multiprocessing.process");
    PyObject* current = PyUnicode_InternFromString("_current_process");
    PyObject* name = PyUnicode_InternFromString("_name");
};

std::string name_now() {
    static const Keys keys;
    PyObject* const contents = dict_of_imported(keys.module);
    PyObject* const current = dict_item(contents, keys.current);
    PyObject* const own = current != nullptr ? PyObject_GenericGetDict(current, nullptr) : nullptr;
    PyObject* const name = dict_item(own, keys.name);
    std::string found = name != nullptr && PyUnicode_Check(name) ? utf8_of(name) : std::string();
    for (PyObject* const object : {name, own, current, contents}) Py_XDECREF(object);
    return found == "MainProcess" ? std::string() : found;
}

}  // namespace

void watch_process_name() noexcept {
    g_is_watching.store(true, std::memory_order_relaxed);
}

void look_at_process_name() noexcept {
    if (!g_is_watching.load(std::memory_order_relaxed)) return;
    PyObject* const raised = PyErr_GetRaisedException();
    try {
        std::string found = name_now();
        const std::lock_guard lock(g_mutex);
        if (!found.empty() && found != g_known) g_known = g_new = std::move(found);
    } catch (...) {
        // No memory: it keeps its name.
    }
    PyErr_Clear();
    PyErr_SetRaisedException(raised);
}

std::string take_process_name() {
    const std::lock_guard lock(g_mutex);
    return std::exchange(g_new, {});
}

}  // namespace tracypy::cpython
