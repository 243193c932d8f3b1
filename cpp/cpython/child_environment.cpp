#include "cpython/child_environment.hpp"

#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#if !defined(_WIN32)
#include <unistd.h>
extern char** environ;
#endif

namespace tracypy::cpython {
namespace {

constexpr std::string_view kFollow = "TRACYPY_FOLLOW", kPath = "PYTHONPATH";

/// Guarded by the GIL; on free-threaded builds set before there are threads.
std::string g_follow, g_folder;
int (*g_connect)() = nullptr;

#if !defined(_WIN32)

using Entry = std::pair<std::string, std::string>;
using Entries = std::vector<Entry>;

/// With the folder in front, once.
std::string with_folder(std::string_view path) {
    if (path == g_folder || path.starts_with(g_folder + ":")) return std::string(path);
    return path.empty() ? g_folder : g_folder + ":" + std::string(path);
}

std::optional<std::string> own_value(std::string_view name) {
    const char* const value = std::getenv(std::string(name).c_str());
    return value != nullptr ? std::optional<std::string>(value) : std::nullopt;
}

Entries own_entries() {
    Entries found;
    for (char** at = environ; at != nullptr && *at != nullptr; ++at) {
        const std::string_view entry(*at);
        const std::size_t equals = entry.find('=');
        if (equals != std::string_view::npos) found.emplace_back(entry.substr(0, equals), entry.substr(equals + 1));
    }
    return found;
}

/// The last part of it is the path of the socket; before that, with an @, may stand a connection.
std::string follow_with(int connection) {
    const std::size_t place = g_follow.rfind('|');
    if (connection < 0 || place == std::string::npos) return g_follow;
    return g_follow.substr(0, place + 1) + std::to_string(connection) + "@" + g_follow.substr(place + 1);
}

void add_ours(Entries& entries, int connection) {
    const std::string follow = follow_with(connection);
    bool has_path = false, has_follow = false;
    for (Entry& entry : entries) {
        if (entry.first == kPath && !std::exchange(has_path, true)) entry.second = with_folder(entry.second);
        if (entry.first == kFollow && !std::exchange(has_follow, true)) entry.second = follow;
    }
    if (!has_path) entries.emplace_back(kPath, g_folder);
    if (!has_follow) entries.emplace_back(kFollow, follow);
}

/// A new reference to bytes, or null with an error set.
PyObject* as_bytes(PyObject* text) noexcept {
    PyObject* bytes = nullptr;
    return PyUnicode_FSConverter(text, &bytes) != 0 ? bytes : nullptr;
}

bool get_text(PyObject* object, std::string& text) {
    PyObject* const bytes = as_bytes(object);
    if (bytes == nullptr) return false;
    text.assign(PyBytes_AS_STRING(bytes), static_cast<std::size_t>(PyBytes_GET_SIZE(bytes)));
    Py_DECREF(bytes);
    return true;
}

/// False: it is none, as the function that is called will say.
bool read_list(PyObject* given, Entries& entries) {
    if (!PyList_Check(given)) return false;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(given); ++i) {
        std::string text;
        if (!PyBytes_Check(PyList_GET_ITEM(given, i)) || !get_text(PyList_GET_ITEM(given, i), text)) return false;
        const std::size_t equals = text.find('=', 1);
        if (equals == std::string::npos) return false;
        entries.emplace_back(text.substr(0, equals), text.substr(equals + 1));
    }
    return true;
}

bool read_mapping(PyObject* given, Entries& entries) {
    if (!PyMapping_Check(given)) return false;
    PyObject* const keys = PyMapping_Keys(given);
    PyObject* const values = keys != nullptr ? PyMapping_Values(given) : nullptr;
    bool is_read = keys != nullptr && values != nullptr && PyList_Check(keys) && PyList_Check(values) &&
                   PyList_GET_SIZE(keys) == PyList_GET_SIZE(values);
    for (Py_ssize_t i = 0; is_read && i < PyList_GET_SIZE(keys); ++i) {
        Entry entry;
        is_read = get_text(PyList_GET_ITEM(keys, i), entry.first) && get_text(PyList_GET_ITEM(values, i), entry.second);
        if (is_read) entries.push_back(std::move(entry));
    }
    Py_XDECREF(values);
    Py_XDECREF(keys);
    return is_read;
}

PyObject* bytes_of(const std::string& text) noexcept {
    return PyBytes_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size()));
}

bool put(PyObject* made, const Entry& entry, EnvironmentForm form) {
    PyObject* const first = bytes_of(form == EnvironmentForm::List ? entry.first + "=" + entry.second : entry.first);
    PyObject* const second = form == EnvironmentForm::List ? Py_NewRef(Py_None) : bytes_of(entry.second);
    bool is_put = first != nullptr && second != nullptr;
    if (is_put) {
        is_put =
            form == EnvironmentForm::List ? PyList_Append(made, first) == 0 : PyDict_SetItem(made, first, second) == 0;
    }
    Py_XDECREF(second);
    Py_XDECREF(first);
    return is_put;
}

PyObject* make(const Entries& entries, EnvironmentForm form) {
    PyObject* const made = form == EnvironmentForm::List ? PyList_New(0) : PyDict_New();
    if (made == nullptr) return nullptr;
    for (const Entry& entry : entries) {
        if (put(made, entry, form)) continue;
        Py_DECREF(made);
        return nullptr;
    }
    return made;
}

#endif

}  // namespace

void set_child_variables(std::string follow, std::string folder) {
    g_follow = std::move(follow);
    g_folder = std::move(folder);
}

void set_child_connection(int (*connect)()) noexcept {
    g_connect = connect;
}

int connect_for_child() noexcept {
    return has_child_variables() && g_connect != nullptr ? g_connect() : -1;
}

bool has_child_variables() noexcept {
    return !g_follow.empty();
}

#if defined(_WIN32)

void close_connection(int) noexcept {}
bool add_child_variables() noexcept {
    return true;
}
PyObject* child_environment(PyObject*, EnvironmentForm, int) {
    return Py_NewRef(Py_None);
}

#else

void close_connection(int connection) noexcept {
    if (connection >= 0) ::close(connection);
}

bool add_child_variables() noexcept try {
    if (!has_child_variables()) return true;
    const std::string path = with_folder(own_value(kPath).value_or(std::string()));
    setenv(std::string(kPath).c_str(), path.c_str(), 1);
    setenv(std::string(kFollow).c_str(), g_follow.c_str(), 1);
    return true;
} catch (...) {
    PyErr_NoMemory();
    return false;
}

PyObject* child_environment(PyObject* given, EnvironmentForm form, int connection) {
    if (!has_child_variables()) return Py_NewRef(Py_None);
    Entries entries;
    if (given == nullptr || given == Py_None) {
        const std::string path = own_value(kPath).value_or(std::string());
        const bool is_there = own_value(kFollow) == g_follow && connection < 0;
        if (is_there && path == with_folder(path)) return Py_NewRef(Py_None);
        entries = own_entries();
    } else if (!(form == EnvironmentForm::List ? read_list(given, entries) : read_mapping(given, entries))) {
        PyErr_Clear();
        return Py_NewRef(Py_None);
    }
    add_ours(entries, connection);
    return make(entries, form);
}

#endif

}  // namespace tracypy::cpython
