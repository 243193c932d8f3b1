#include "cpython/call_values.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/glob.hpp"
#include "cpython/code_table.hpp"
#include "cpython/safe_text.hpp"

namespace tracypy::cpython {
namespace {

constexpr std::size_t kMostArgumentBytes = 2000;  // of all arguments

std::vector<std::string> g_logged;  // changes with the world stopped

int count_of_parameters(const PyCodeObject* code) noexcept {
    return code->co_argcount + code->co_kwonlyargcount + ((code->co_flags & CO_VARARGS) != 0 ? 1 : 0) +
           ((code->co_flags & CO_VARKEYWORDS) != 0 ? 1 : 0);
}

/// What is written before the name of the parameter: those with stars come last.
std::string_view stars_of(const PyCodeObject* code, int parameter) noexcept {
    const int named = code->co_argcount + code->co_kwonlyargcount;
    if (parameter < named) return "";
    return parameter == named && (code->co_flags & CO_VARARGS) != 0 ? "*" : "**";
}

/// The object itself says little of one call.
bool is_self(std::string_view name, int parameter) noexcept {
    return parameter == 0 && (name == "self" || name == "cls");
}

std::string arguments_of(PyFrameObject* frame, PyCodeObject* code) {
    std::string text;
    PyObject* const names = PyCode_GetVarnames(code);
    const int count = names != nullptr ? count_of_parameters(code) : 0;
    for (int i = 0; i < count && text.size() < kMostArgumentBytes; ++i) {
        PyObject* const name = PyTuple_GET_ITEM(names, i);  // it lives as long as the tuple
        const std::string shown = utf8_of(name);
        PyObject* const value = is_self(shown, i) ? nullptr : PyFrame_GetVar(frame, name);
        PyErr_Clear();
        if (value == nullptr) continue;
        if (!text.empty()) text += ", ";
        text.append(stars_of(code, i)).append(shown).append("=").append(safe_repr(value));
        Py_DECREF(value);
    }
    Py_XDECREF(names);
    return text;
}

}  // namespace

void write_arguments(recorder::ThreadBuffer& buffer, PyObject* code) noexcept {
    PyFrameObject* const frame = PyEval_GetFrame();  // borrowed
    if (frame == nullptr) return;
    PyCodeObject* const own = PyFrame_GetCode(frame);
    try {
        // Where a generator goes on, they may be others by now.
        const bool begins = reinterpret_cast<PyObject*>(own) == code && is_start_at(code, PyFrame_GetLasti(frame));
        std::string text = begins ? arguments_of(frame, own) : std::string();
        if (!text.empty()) buffer.write({events::Kind::ZoneText, 0, std::move(text)});
    } catch (...) {
        // Out of memory: a zone without this text.
    }
    Py_DECREF(own);
    PyErr_Clear();
}

void write_result(recorder::ThreadBuffer& buffer, PyObject* value) noexcept {
    try {
        buffer.write({events::Kind::ZoneText, 0, "returns " + safe_repr(value)});
    } catch (...) {
        // Out of memory: likewise.
    }
    PyErr_Clear();
}

void set_logged_functions(const SwitchValue& value) noexcept {
    with_world_stopped(
        [](void* raw) {
            try {
                g_logged = static_cast<const SwitchValue*>(raw)->texts;
            } catch (...) {
                g_logged.clear();  // out of memory
            }
            next_generation();
        },
        const_cast<SwitchValue*>(&value));
}

bool is_logged_function(const std::string& module, PyObject* qualified_name) {
    if (g_logged.empty()) return false;
    const std::string name = utf8_of(qualified_name);
    const std::string full = module + "." + name;
    return std::any_of(g_logged.begin(), g_logged.end(), [&](const std::string& pattern) {
        return base::glob_matches(pattern, name) || base::glob_matches(pattern, full);
    });
}

}  // namespace tracypy::cpython
