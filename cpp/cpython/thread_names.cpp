#include "cpython/thread_names.hpp"

#include <atomic>

#include "base/string_table.hpp"
#include "cpython/code_table.hpp"
#include "cpython/lookup_keys.hpp"

namespace tracypy::cpython {
namespace {

/// Up to 50,000 threads have names.
constexpr std::size_t kMaxNameBytes = 1'024;

const unsigned long g_main_ident = PyThread_get_thread_ident();

/// What is looked up for every new thread.
struct ThreadKeys {
    LookupKey threading{"threading"};
    LookupKey active{"_active"};
    LookupKey name{"_name"};
    LookupKey main_thread{"_main_thread"};
    LookupKey given{"_tracypy_name"};

    bool are_complete() const noexcept {
        return threading != nullptr && active != nullptr && name != nullptr && main_thread != nullptr &&
               given != nullptr;
    }
};

std::atomic<bool> g_any_is_given{false};  // most programs never give one: then nobody looks

// In the object's own dict: the program may have put anything before its attributes.
std::string given_name(const ThreadKeys& keys, PyObject* thread) {
    std::string result;
    if (!g_any_is_given.load(std::memory_order_relaxed)) return result;
    PyObject* const own = PyObject_GenericGetDict(thread, nullptr);
    PyObject* const name = dict_item(own, keys.given);
    if (name != nullptr && PyUnicode_Check(name)) result = base::cut_utf8(utf8_of(name), kMaxNameBytes);
    Py_XDECREF(name);
    Py_XDECREF(own);
    PyErr_Clear();
    return result;
}

// The attribute, not the property `name`: that is Python code, which would run, and be recorded, here.
std::string shown_name(const ThreadKeys& keys, PyObject* thread, PyObject* contents) {
    std::string result = given_name(keys, thread);
    if (!result.empty()) return result;
    PyObject* const name = PyObject_GetAttr(thread, keys.name);
    if (name != nullptr && PyUnicode_Check(name)) {
        result = base::cut_utf8(utf8_of(name), kMaxNameBytes);
        PyObject* const main = dict_item(contents, keys.main_thread);
        if (main == thread && result == "MainThread") result = "Main thread";
        Py_XDECREF(main);
        if (result.empty()) result = "(unnamed)";
    }
    Py_XDECREF(name);
    return result;
}

std::string look_up(const ThreadKeys& keys, unsigned long ident) {
    std::string result;
    if (!keys.are_complete()) return result;
    PyObject* const raised = PyErr_GetRaisedException();
    PyObject* const contents = dict_of_imported(keys.threading);
    PyObject* const active = dict_item(contents, keys.active);
    PyObject* const key = PyLong_FromUnsignedLong(ident);
    PyObject* const thread = dict_item(active, key);
    if (thread != nullptr) result = shown_name(keys, thread, contents);
    if (contents == nullptr && is_main_thread(ident)) result = "Main thread";
    Py_XDECREF(thread);
    Py_XDECREF(key);
    Py_XDECREF(active);
    Py_XDECREF(contents);
    PyErr_Clear();
    PyErr_SetRaisedException(raised);
    return result;
}

}  // namespace

std::string name_of_thread(unsigned long ident) noexcept {
    return with_keys<ThreadKeys>([=](const ThreadKeys& keys) { return look_up(keys, ident); });
}

bool give_thread_name(PyObject* thread, PyObject* name) noexcept {
    const bool given = with_keys<ThreadKeys>([=](const ThreadKeys& keys) {
        if (keys.are_complete()) return PyObject_GenericSetAttr(thread, keys.given, name) == 0;
        PyErr_NoMemory();
        return false;
    });
    if (!given) return false;
    g_any_is_given.store(true, std::memory_order_relaxed);
    return true;
}

bool is_main_thread(unsigned long ident) noexcept {
    return ident == g_main_ident;
}

}  // namespace tracypy::cpython
