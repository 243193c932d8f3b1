#include "bindings/bind.hpp"
#include "bindings/call_python.hpp"
#include "cpython/app_info.hpp"
#include "cpython/arguments.hpp"
#include "cpython/first_use.hpp"
#include "cpython/frame_images.hpp"
#include "cpython/frame_marks.hpp"
#include "cpython/given_names.hpp"
#include "cpython/gpu.hpp"
#include "cpython/lock_story.hpp"
#include "cpython/locks.hpp"
#include "cpython/memory.hpp"
#include "cpython/messages.hpp"
#include "cpython/parameters.hpp"
#include "cpython/plots.hpp"
#include "cpython/sections.hpp"
#include "cpython/zone_object.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using MarkKind = events::FrameMarkKind;

void mark(const char* function, nb::handle name, MarkKind kind) {
    if (!cpython::mark_frame(function, name.ptr(), kind)) throw nb::python_error();
}

}  // namespace

void bind_markup(nb::module_& module) {
    for (const auto add_to :
         {cpython::add_zones_to, cpython::add_messages_to, cpython::add_plots_to, cpython::add_locks_to,
          cpython::add_lock_story_to, cpython::add_memory_to, cpython::add_sections_to, cpython::add_parameters_to,
          cpython::add_frame_images_to, cpython::add_gpu_to}) {
        if (!add_to(module.ptr())) throw nb::python_error();
    }
    module.def(
        "frame_mark", [](nb::handle name) { mark("frame_mark", name, MarkKind::Continuous); },
        "name"_a.none() = nb::none(), nb::sig("def frame_mark(name: str | None = None) -> None"),
        "Mark the end of a frame and the beginning of the next; each `name` is a set of frames of its own.");
    module.def(
        "frame_mark_start", [](nb::handle name) { mark("frame_mark_start", name, MarkKind::Start); }, "name"_a.none(),
        nb::sig("def frame_mark_start(name: str) -> None"),
        "Begin a frame of a set whose frames have gaps between them.");
    module.def(
        "frame_mark_end", [](nb::handle name) { mark("frame_mark_end", name, MarkKind::End); }, "name"_a.none(),
        nb::sig("def frame_mark_end(name: str) -> None"), "End the frame that frame_mark_start() began.");
    module.def(
        "app_info",
        [](nb::handle text) {
            if (!cpython::add_app_info(text.ptr())) throw nb::python_error();
        },
        "text"_a.none(), nb::sig("def app_info(text: str) -> None"),
        "Tell something about the program, in one line or several: its version, its settings.\n\n"
        "Every viewer and every recording from now on has it, also those that come later. The same text counts "
        "once.\n\n"
        "Args:\n    text: What to tell; of more than 65,535 bytes of UTF-8 the beginning.\n\n"
        "Raises:\n    TypeError: The text is not a str.");
    module.def(
        "set_program_name",
        [](nb::handle name) {
            if (!cpython::set_program_name(name.ptr())) throw nb::python_error();
        },
        "name"_a.none(), nb::sig("def set_program_name(name: str) -> None"),
        "Say how this program is called, in place of its script's name and of TRACYPY_PROGRAM_NAME.\n\n"
        "Viewers that connect later have it, and every recording that is going on or begins later.\n\n"
        "Args:\n    name: The name; a viewer shows 63 bytes of UTF-8 of it, a file has 900.\n\n"
        "Raises:\n    TypeError: The name is not a str.\n    ValueError: It is empty.");
    module.def(
        "set_thread_name",
        [](nb::handle name) {
            // Nothing can be imported any more when the interpreter ends, and its threads are gone.
            if (cpython::interpreter_is_leaving()) return;
            const nb::object thread = call_in_module("threading", "current_thread", nb::make_tuple());
            if (!cpython::set_thread_name(thread.ptr(), name.ptr())) throw nb::python_error();
        },
        "name"_a.none(), nb::sig("def set_thread_name(name: str) -> None"),
        "Give the calling thread a name of its own in traces.\n\n"
        "Its name in `threading`, and what the program logs, stay as they are. Viewers that connect later have it, "
        "and\n"
        "every recording; one that is connected already may have asked for the name before.\n\n"
        "Args:\n"
        "    name: The name; of more than 1,024 bytes of UTF-8 the beginning.\n\n"
        "Raises:\n"
        "    TypeError: The name is not a str.\n"
        "    ValueError: It is empty.");
    module.def(
        "on_first_use", [](nb::handle callback) { cpython::set_first_use(callback.ptr()); }, "callback"_a,
        nb::sig("def on_first_use(callback: collections.abc.Callable[[], None]) -> None"),
        "Call `callback` when a zone, a frame mark or app_info is used while nothing listens.");
    module.def(
        "set_color_resolver", [](nb::handle callable) { cpython::set_color_resolver(callable.ptr()); }, "callable"_a,
        nb::sig("def set_color_resolver(callable: collections.abc.Callable[[str], int]) -> None"),
        "Let `callable` turn a colour that is not an int into 0xRRGGBB.");
}

}  // namespace tracypy::bindings
