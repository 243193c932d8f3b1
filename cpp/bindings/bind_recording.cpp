#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <limits>
#include <optional>
#include <string>

#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "bindings/waiting.hpp"
#include "cpython/first_use.hpp"
#include "cpython/gil.hpp"
#include "cpython/guarded_calls.hpp"
#include "drivers/recording_recovery.hpp"
#include "io/process.hpp"
#include "process/parts.hpp"
#include "process/record.hpp"
#include "process/saving_options.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using drivers::RecordingResult;
using journal::FunctionTotals;

std::uint64_t start_recording(const std::filesystem::path& path, bool overwrite, std::optional<double> seconds,
                              std::optional<std::uint64_t> max_bytes, const std::string& program_name,
                              const std::string& host_info, const std::filesystem::path& keeper,
                              const process::SavingOptions& saving, bool sources) {
    drivers::RecordingConfig config;
    config.path = path;
    config.overwrite = overwrite;
    config.seconds = seconds.value_or(std::numeric_limits<double>::infinity());
    config.journal_bytes = max_bytes.value_or(std::numeric_limits<std::uint64_t>::max());
    config.program_name = program_name;
    config.host_info = host_info;
    config.keeper = keeper;
    config.sources = sources;
    saving.apply_to(config);
    return process::start_recording(config);
}

RecordingResult stop_recording(std::uint64_t number, const nb::object& progress) {
    return wait_for(progress, [number](const drivers::KeepWaiting& keep_waiting) {
        return process::stop_recording(number, keep_waiting);
    });
}

RecordingResult stop_and_leave_recording(std::uint64_t number, const nb::object& progress) {
    return wait_for(progress, [number](const drivers::KeepWaiting& keep_waiting) {
        return process::stop_and_leave_recording(number, keep_waiting);
    });
}

RecordingResult recover(const std::filesystem::path& journal, const std::filesystem::path& path, bool overwrite,
                        const nb::object& progress) {
    return wait_for(progress, [&](const drivers::KeepWaiting& keep_waiting) {
        const cpython::GilReleased released;
        return drivers::recover(journal, path, overwrite, keep_waiting);
    });
}

const char* end_of_recording(const RecordingResult& recorded) {
    switch (recorded.end) {
        case RecordingResult::End::Seconds:
            return "seconds";
        case RecordingResult::End::Size:
            return "max_size";
        case RecordingResult::End::Disk:
            return "disk";
        case RecordingResult::End::Saved:
            return "saved";
        case RecordingResult::End::Stopped:
            break;
    }
    return "stopped";
}

void bind_recorded(nb::module_& module) {
    nb::class_<FunctionTotals>(module, "FunctionTotals", "The calls of one function.")
        .def_prop_ro(
            "name", [](const FunctionTotals& self) { return decoded(self.name); }, "Name.")
        .def_prop_ro(
            "file", [](const FunctionTotals& self) { return decoded(self.file); }, "Path of the file.")
        .def_ro("line", &FunctionTotals::line, "Line.")
        .def_ro("calls", &FunctionTotals::calls, "Number of calls.")
        .def_ro("total_ns", &FunctionTotals::total_ns, "Time with what was called.")
        .def_ro("self_ns", &FunctionTotals::self_ns, "Time without the direct children's.");
    nb::class_<RecordingResult>(module, "RecordingResult", "What is in a trace that was made.")
        .def_prop_ro(
            "span_ns", [](const RecordingResult& self) { return self.made.span_ns; }, "Time from begin to end.")
        .def_prop_ro(
            "forgotten_ns", [](const RecordingResult& self) { return self.made.forgotten_ns; },
            "Time before that, which was not kept.")
        .def_prop_ro(
            "zones", [](const RecordingResult& self) { return self.made.zones; }, "Number of zones.")
        .def_prop_ro(
            "threads", [](const RecordingResult& self) { return self.made.threads; }, "Number of threads.")
        .def_prop_ro(
            "processes", [](const RecordingResult& self) { return self.made.processes; }, "Number of processes.")
        .def_prop_ro(
            "frames", [](const RecordingResult& self) { return self.made.frames; }, "Frames of the default set.")
        .def_prop_ro(
            "messages", [](const RecordingResult& self) { return self.made.messages; }, "Number of messages.")
        .def_prop_ro(
            "images_left_out", [](const RecordingResult& self) { return self.made.images_left_out; },
            "Frame images for which there was no room.")
        .def_prop_ro(
            "zones_elsewhere", [](const RecordingResult& self) { return self.made.zones_elsewhere; },
            "Zones that children recorded to files of their own.")
        .def_prop_ro(
            "is_complete", [](const RecordingResult& self) { return self.made.complete; },
            "Whether the recording came to its end.")
        .def_prop_ro(
            "layout", [](const RecordingResult& self) { return self.made.layout.text(); },
            "Release of Tracy whose layout the file has; older viewers refuse it.")
        .def_ro("file_bytes", &RecordingResult::file_bytes, "Size of the file.")
        .def_ro("dropped_zones", &RecordingResult::dropped_zones, "Zones left out because the buffer was full.")
        .def_prop_ro("end", &end_of_recording,
                     nb::sig("def end(self) -> typing.Literal['stopped', 'seconds', 'max_size', 'disk', 'saved']"),
                     "What ended the recording.")
        .def_prop_ro(
            "imports", [](const RecordingResult& self) { return self.made.imports; }, "Modules that were imported.")
        .def_prop_ro(
            "imports_ns", [](const RecordingResult& self) { return self.made.imports_ns; },
            "Time in imports, with all that was called there.")
        .def_prop_ro(
            "functions", [](const RecordingResult& self) { return self.made.functions; },
            "Functions with the most self time, the most first; not the code of imports.");
}

}  // namespace

void bind_recording(nb::module_& module) {
    bind_recorded(module);
    module.def(
        "start_recording", &start_recording, "path"_a, nb::kw_only(), "overwrite"_a, "seconds"_a.none(),
        "max_bytes"_a.none(), "program_name"_a, "host_info"_a, "keeper"_a, "saving"_a, "sources"_a,
        nb::sig("def start_recording(path: str, *, overwrite: bool, seconds: float | None, max_bytes: int | "
                "None, program_name: str, host_info: str, keeper: str, saving: SavingOptions, sources: bool) "
                "-> int"),
        "Record to a file from now on, on a thread of its own; `path` is absolute. `keeper` is the program that\n"
        "makes the file when this one cannot; empty for none. `sources`: the file is to have the texts of source "
        "files.\n"
        "Return the number of the recording.\n\n"
        "Raises:\n    OSError: A file is in the way, or cannot be made.\n"
        "    RuntimeError: A recording is running already, or a viewer is connected.");
    module.def("stop_recording", &stop_recording, "number"_a, "progress"_a.none(),
               nb::sig("def stop_recording(number: int, progress: collections.abc.Callable[[int, int], object] | None) "
                       "-> RecordingResult"),
               "End the recording of that number, or any if it is 0, and make the file. `progress(done, total)` is\n"
               "called about ten times a second.\n\n"
               "Raises:\n    OSError: The file could not be made; the text says what to do.\n"
               "    RuntimeError: There is no such recording.");
    module.def(
        "stop_and_leave_recording", &stop_and_leave_recording, "number"_a, "progress"_a.none(),
        nb::sig("def stop_and_leave_recording(number: int, progress: collections.abc.Callable[[int, int], object] "
                "| None) -> RecordingResult"),
        "Do the same at the end of the process, but wait no longer than until it is known what will be in the\n"
        "file. `file_bytes` is 0 then, and `leave_recording` must follow.");
    module.def(
        "leave_recording",
        [](nb::bytes before, nb::bytes after) {
            process::leave_recording({before.c_str(), before.size()}, {after.c_str(), after.size()});
        },
        "before"_a, "after"_a,
        "Write to stderr when the file is made: what comes before its size, and after it. The process waits for that.");
    module.def(
        "await_left_recording",
        [] {
            Interruption interruption;
            process::await_left_recording([&] { return interruption.look(); });
            interruption.raise_if_come();
        },
        "Wait until the file is made that was left; nothing if there is none.");
    module.def("flush_recording", &process::flush_recording,
               "Wait until everything that has happened so far is in the journal.");
    module.def(
        "is_recording", [] { return process::file_recorder().is_running(); },
        "Return whether events are being recorded to a file.");
    module.def(
        "has_recording", [] { return process::file_recorder().is_pending(); },
        "Return whether there is a recording to stop: one that goes on, or one that has reached its limit.");
    module.def("recover", &recover, "journal"_a, "path"_a, nb::kw_only(), "overwrite"_a, "progress"_a.none(),
               nb::sig("def recover(journal: str, path: str, *, overwrite: bool, progress: "
                       "collections.abc.Callable[[int, int], object] | None) -> RecordingResult"),
               "Make a trace of a journal that was left behind; an empty path is the one it was meant for.\n\n"
               "Raises:\n    OSError: A file is in the way, or cannot be read or made.\n"
               "    ValueError: It is not a journal.\n    RuntimeError: A program still writes it.");
    module.def(
        "is_left_behind", [](const std::filesystem::path& journal) { return drivers::is_left_behind(journal); },
        "journal"_a, nb::sig("def is_left_behind(journal: str) -> bool"),
        "Return whether no process writes a journal, or makes a trace of it, just now.");
    module.def(
        "await_trace_of",
        [](const std::filesystem::path& journal) {
            const cpython::GilReleased released;
            drivers::await_trace_of(journal);
        },
        "journal"_a, nb::sig("def await_trace_of(journal: str) -> None"),
        "Wait, a few seconds at most, for a trace that is just being made of a journal that was left behind.");
    module.def(
        "preceded",
        [](const nb::object& function, const nb::object& before) {
            PyObject* const made = cpython::preceded(function.ptr(), before.ptr());
            if (made == nullptr) throw nb::python_error();
            return nb::steal(made);
        },
        "function"_a, "before"_a,
        nb::sig("def preceded(function: object, before: collections.abc.Callable[..., object]) -> "
                "collections.abc.Callable[..., object]"),
        "Return a function that calls `before` with its arguments, ignores what that raises, and then calls "
        "`function`.");
    module.def(
        "would_end_by", [](int signal) { return io::would_end_by(signal); }, "signal"_a,
        "Return whether the process would end if the calling thread sent it that signal.");
    module.def(
        "await_first_use", [] { cpython::arm_first_use(!process::server().is_running()); },
        "Make the next use of a zone or a frame mark a first use again.");
}

}  // namespace tracypy::bindings
