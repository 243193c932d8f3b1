#include "cpython/code_table.hpp"

#include <array>
#include <cstdio>
#include <mutex>
#include <string>
#include <utility>

#include "base/names.hpp"
#include "cpython/call_values.hpp"
#include "cpython/code_origin.hpp"
#include "cpython/greenlets.hpp"
#include "cpython/process_recorder.hpp"
#include "cpython/profiled_marks.hpp"
#include "cpython/thread_state.hpp"
#include "cpython/with_blocks.hpp"

namespace tracypy::cpython {

Py_ssize_t g_code_slot = -1;
std::atomic<std::uintptr_t> g_generation{CodeInfo::Known};

namespace {

constexpr std::uintptr_t kOneGeneration = std::uintptr_t{1} << CodeInfo::kGenerationShift;

// Guards writing of slots (on free-threaded builds PyUnstable_Code_SetExtra of 3.13 may move the array) and the setting
// below. Nothing that can stop at a safe point of the interpreter happens while it is held.
std::mutex g_mutex;
PyObject* g_program_root = nullptr;  // owned; compared by address only
ProfiledMarks g_marks;
PyObject* g_own_folder = nullptr;  // set when tracypy is imported, and kept
CodeFilter g_filter;               // changes with the world stopped only

bool is_filtered_out(const std::string& file, const CodeOrigin& origin) {
    if (g_filter.admits_all()) return false;
    return !g_filter.admits({file, origin.file, origin.module, origin.run_as_main});
}

// The setter of threading.Thread.name, known by its looks: `threading` may be imported at any time.
bool is_thread_renaming(PyCodeObject* code, const std::string& file) {
    return code->co_argcount == 2 && file.ends_with("threading.py") && utf8_of(code->co_qualname) == "Thread.name";
}

std::uintptr_t flags_of(PyCodeObject* code) noexcept {
    if (!g_filter.tasks_as_rows || !is_coroutine_code(code)) return 0;
    return CodeInfo::Awaits;
}

void store(PyObject* code, CodeInfo info) noexcept {
    const std::lock_guard lock(g_mutex);
    write_code_extra(code, g_code_slot, info.packed());
}

std::uint32_t first_line(PyCodeObject* code) {
    return static_cast<std::uint32_t>(code->co_firstlineno > 0 ? code->co_firstlineno : 0);
}

base::SourceLocationId locate(PyCodeObject* code, const std::string& file, const std::string* name = nullptr,
                              std::uint32_t color = 0) {
    const std::string function = utf8_of(code->co_qualname);
    const std::string_view own = name != nullptr ? *name : std::string_view();
    return base::names().locate({function, file, first_line(code), color, name != nullptr ? &own : nullptr});
}

/// What the switch log_args adds for that function.
std::uintptr_t logged(PyObject* code, const CodeOrigin& origin) {
    PyObject* const name = reinterpret_cast<PyCodeObject*>(code)->co_qualname;
    return is_logged_function(origin.module, name) ? CodeInfo::Arguments | CodeInfo::Result : 0;
}

/// What imports it makes of a module's body: "import asyncio.locks". Empty for any other code: what runs as a program,
/// and texts that are executed (`<string>`), whose globals are some module's, too.
std::string import_of(PyCodeObject* code, const std::string& file, const CodeOrigin& origin) {
    if (PyUnicode_CompareWithASCIIString(code->co_qualname, "<module>") != 0) return {};
    const bool is_text = file.starts_with('<') && !file.starts_with("<frozen ");
    if (is_text || origin.module.empty() || origin.module == "__main__") return {};
    return "import " + origin.module;
}

std::string without_zeros(std::string text) {
    for (std::size_t at = text.find('\0'); at != std::string::npos; at = text.find('\0', at)) {
        text.replace(at, 1, "\xE2\x90\x80");
    }
    return text;
}

void add_character(std::string& bytes, Py_UCS4 character) {
    const auto put = [&](unsigned value) { bytes += static_cast<char>(value); };
    const auto put_rest = [&](unsigned shift) { put(0x80 | (character >> shift & 0x3F)); };
    if (character < 0x80) return put(character);
    if (character < 0x800) {
        put(0xC0 | character >> 6);
    } else if (character >= 0xD800 && character <= 0xDFFF) {
        std::array<char, 7> escaped{};
        std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned>(character));
        bytes += escaped.data();
        return;
    } else {
        put(character < 0x1'0000 ? 0xE0 | character >> 12 : 0xF0 | character >> 18);
        if (character >= 0x1'0000) put_rest(12);
        put_rest(6);
    }
    put_rest(0);
}

/// As utf8_of(), of a str, without memory of the interpreter.
std::string utf8_in_allocator(PyObject* text) {
    std::string bytes;
    const Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    bytes.reserve(static_cast<std::size_t>(length));
    for (Py_ssize_t i = 0; i < length; ++i) add_character(bytes, PyUnicode_READ_CHAR(text, i));
    return without_zeros(std::move(bytes));
}

/// What is the same in all interpreters.
CodeInfo judge(PyCodeObject* code, const std::string& file, const CodeOrigin& origin, std::uintptr_t flags) {
    if (origin.is_tracypy()) flags |= CodeInfo::Hidden | CodeInfo::Tracypy;
    if (is_filtered_out(file, origin)) flags |= CodeInfo::Hidden;
    const std::string import = import_of(code, file, origin);
    const base::SourceLocationId id = locate(code, file, import.empty() ? nullptr : &import);
    if (process_recorder().auto_throttle().leaves_out(id)) flags |= CodeInfo::Hidden;
    const CodeInfo info(flags | CodeInfo::Known, generation(), id);
    store(reinterpret_cast<PyObject*>(code), info);
    return info;
}

/// Out of memory: a zone without a name.
CodeInfo nameless() noexcept {
    return CodeInfo(CodeInfo::Known, generation(), base::SourceLocationId::Other);
}

}  // namespace

std::string utf8_of(PyObject* text) noexcept {
    if (text == nullptr || !PyUnicode_Check(text)) return "?";
    Py_ssize_t size = 0;
    if (const char* const bytes = PyUnicode_AsUTF8AndSize(text, &size)) {
        return without_zeros({bytes, static_cast<std::size_t>(size)});
    }
    PyErr_Clear();
    std::string result = "?";
    if (PyObject* const escaped = PyUnicode_AsEncodedString(text, "utf-8", "backslashreplace")) {
        result.assign(PyBytes_AS_STRING(escaped), static_cast<std::size_t>(PyBytes_GET_SIZE(escaped)));
        Py_DECREF(escaped);
    }
    PyErr_Clear();
    return without_zeros(std::move(result));
}

bool init_code_table() {
    if (g_code_slot >= 0) return true;
    g_code_slot = PyUnstable_Eval_RequestCodeExtraIndex(nullptr);
    if (g_code_slot < 0) {
        PyErr_SetString(PyExc_RuntimeError,
                        "tracypy: the interpreter has no free slot for data on code objects (other tools took all)");
        return false;
    }
    return true;
}

CodeInfo code_info(PyObject* code, PyFrameObject* frame) noexcept {
    CodeInfo known = known_code(code);
    if (known.is_current(generation())) return known;
    if (known.packed() == 0) {
        // The program may have imported greenlet by now.
        if (frame == nullptr && wants_to_watch_greenlets()) t_buffer->look_up();
        known = CodeInfo(g_marks.find(code));
    }
    try {
        if (known.has(CodeInfo::Profiled)) {
            constexpr std::uintptr_t kOwn = CodeInfo::OwnArguments | CodeInfo::OwnResult;
            const std::uintptr_t kept =
                known.packed() & (CodeInfo::Known | CodeInfo::Profiled | CodeInfo::Renames | kOwn);
            const std::uintptr_t shown = (kept & kOwn) >> CodeInfo::kOwnShift | logged(code, origin_of(code, frame));
            const CodeInfo info(kept | shown | flags_of(reinterpret_cast<PyCodeObject*>(code)), generation(),
                                known.location());
            store(code, info);
            return info;
        }
        auto* const object = reinterpret_cast<PyCodeObject*>(code);
        const std::string file = utf8_of(object->co_filename);
        const CodeOrigin origin = origin_of(code, frame);
        const std::uintptr_t renames = is_thread_renaming(object, file) ? std::uintptr_t{CodeInfo::Renames} : 0;
        return judge(object, file, origin, flags_of(object) | renames | logged(code, origin));
    } catch (...) {
        return nameless();
    }
}

CodeInfo code_info_elsewhere(PyObject* code) noexcept {
    const CodeInfo known = known_code(code);
    if (known.is_current(generation())) return known;
    try {
        auto* const object = reinterpret_cast<PyCodeObject*>(code);
        return judge(object, utf8_of(object->co_filename), origin_of(code, nullptr), 0);
    } catch (...) {
        return nameless();
    }
}

base::SourceLocationId location_in_allocator(PyObject* code) {
    const CodeInfo known = known_code(code);
    if (known.has_location()) return known.location();
    auto* const object = reinterpret_cast<PyCodeObject*>(code);
    const std::string function = utf8_in_allocator(object->co_qualname);
    const std::string file = utf8_in_allocator(object->co_filename);
    return base::names().locate({function, file, first_line(object), 0, nullptr});
}

bool is_tracypy_in_allocator(PyObject* code) noexcept {
    const CodeInfo known = known_code(code);
    if (known.has_location()) return known.has(CodeInfo::Tracypy);
    PyObject* const file = reinterpret_cast<PyCodeObject*>(code)->co_filename;
    return g_own_folder != nullptr && PyUnicode_Tailmatch(file, g_own_folder, 0, PY_SSIZE_T_MAX, -1) == 1;
}

void set_own_folder(PyObject* folder) noexcept {
    if (g_own_folder == nullptr) g_own_folder = Py_NewRef(folder);
}

bool set_filter(const CodeFilter& filter) {
    if (filter == g_filter) return false;
    g_filter = filter;
    set_greenlets_as_rows(filter.tasks_as_rows);
    next_generation();
    return true;
}

void next_generation() noexcept {
    const std::uintptr_t next = generation() + kOneGeneration;
    g_generation.store((next & CodeInfo::kGenerationMask) | CodeInfo::Known, std::memory_order_relaxed);
}

bool mark_profiled(PyObject* code, const ProfiledAs& as) noexcept {
    try {
        auto* const object = reinterpret_cast<PyCodeObject*>(code);
        const std::string own = as.name != nullptr ? utf8_of(as.name) : std::string();
        const base::SourceLocationId id =
            locate(object, utf8_of(object->co_filename), as.name != nullptr ? &own : nullptr, as.color);
        base::names().locations.mark(id);
        const std::uintptr_t flags = (known_code(code).packed() & CodeInfo::Renames) |
                                     (as.arguments ? std::uintptr_t{CodeInfo::OwnArguments} : 0) |
                                     (as.result ? std::uintptr_t{CodeInfo::OwnResult} : 0);
        // As if judged by the filter before: so its next call asks what is to be shown of it.
        const std::uintptr_t before = (generation() - kOneGeneration) & CodeInfo::kGenerationMask;
        const CodeInfo info(flags | CodeInfo::Known | CodeInfo::Profiled, before, id);
        g_marks.add(code, info.packed());
        store(code, info);
        return true;
    } catch (...) {
        PyErr_NoMemory();
        return false;
    }
}

void set_program_root(PyObject* code) {
    PyObject* previous = nullptr;
    {
        const std::lock_guard lock(g_mutex);
        previous = g_program_root;
        g_program_root = Py_NewRef(code);
    }
    Py_XDECREF(previous);
}

bool is_program_root(PyObject* code) noexcept {
    return code == g_program_root;
}

}  // namespace tracypy::cpython
