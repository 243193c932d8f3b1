#include "cpython/messages.hpp"

#include <array>
#include <optional>
#include <string>

#include "base/string_table.hpp"
#include "cpython/arguments.hpp"
#include "cpython/callstacks.hpp"
#include "cpython/code_table.hpp"
#include "cpython/first_use.hpp"
#include "cpython/thread_state.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::cpython {
namespace {

/// None with TypeError or ValueError set.
std::optional<events::Severity> parse_severity(PyObject* value) noexcept {
    if (!require_str("message()", "severity", value)) return std::nullopt;
    for (std::size_t i = 0; i < events::kSeverityNames.size(); ++i) {
        if (PyUnicode_CompareWithASCIIString(value, events::kSeverityNames[i]) == 0) {
            return static_cast<events::Severity>(i);
        }
    }
    PyErr_Format(
        PyExc_ValueError,
        "message(): severity must be \"trace\", \"debug\", \"info\", \"warning\", \"error\" or \"fatal\", not %R",
        value);
    return std::nullopt;
}

void write(PyObject* text, events::Message message, unsigned callstack) {
    recorder::ThreadBuffer* const buffer = ready_buffer();
    if (buffer == nullptr) return;
    const std::string bytes = utf8_of(text);
    const std::string_view cut = base::cut_utf8(bytes, base::StringTable::kMaxStringBytes);
    message.text = cut;
    message.callstack = current_callstack(callstack);
    buffer->write_moment(message);
}

PyObject* function_message(PyObject*, PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) noexcept {
    static constexpr std::array kNames{"text", "color", "severity", "callstack"};
    std::array<PyObject*, kNames.size()> values;
    if (!sort_arguments({"message", kNames}, arguments, count, keywords, values)) return nullptr;
    const auto [text, color, severity, callstack] = values;
    if (!require_str("message()", "text", text)) return nullptr;
    std::uint32_t rgb = 0;
    if (color != nullptr && !parse_color(color, &rgb)) return nullptr;
    const auto number = severity != nullptr ? parse_severity(severity) : events::Severity::Info;
    if (!number) return nullptr;
    unsigned frames = 0;
    if (callstack != nullptr && !parse_callstack("message()", callstack, &frames)) return nullptr;
    note_use();
    try {
        write(text, {.color = rgb, .severity = *number}, frames);
    } catch (...) {
        return PyErr_NoMemory();
    }
    Py_RETURN_NONE;
}

PyMethodDef g_functions[] = {
    {"message", reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function_message)),
     METH_FASTCALL | METH_KEYWORDS,
     "message($module, text, *, color=None, severity=\"info\", callstack=0)\n--\n\n"
     "Add a line of text to the timeline, at this moment of the calling thread.\n\n"
     "Does nothing unless a viewer is connected or a recording runs.\n\n"
     "Args:\n"
     "    text: The line. Cut at 65,535 bytes of UTF-8.\n"
     "    color: 0xRRGGBB or a name of tracypy.colors; None for the viewer's choice.\n"
     "    severity: \"trace\", \"debug\", \"info\", \"warning\", \"error\" or \"fatal\". Viewers before 0.14 show a "
     "colour\n"
     "        for it, if `color` gives none.\n"
     "    callstack: How many of the running calls to show with it, 62 at most.\n\n"
     "Raises:\n"
     "    TypeError: The text or the severity is not a str, or `callstack` is not an int.\n"
     "    ValueError: There is no such colour or severity, or `callstack` is out of range."},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

bool add_messages_to(PyObject* module) noexcept {
    return PyModule_AddFunctions(module, g_functions) == 0;
}

}  // namespace tracypy::cpython
