#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>

#include "bindings/bind.hpp"
#include "bindings/waiting.hpp"
#include "io/file_errors.hpp"
#include "process/record.hpp"
#include "process/saving_options.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using process::SavingOptions;

drivers::Saved save_recording(const std::filesystem::path& path, bool overwrite, const nb::object& progress) {
    return wait_for(progress, [&](const drivers::KeepWaiting& keep_waiting) {
        return process::save_recording(path, overwrite, keep_waiting);
    });
}

nb::object path_of(const drivers::Saved& saved) {
    const std::string text = io::text_of(saved.path);
    return nb::steal(PyUnicode_DecodeFSDefaultAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
}

bool save_because(const std::string& why) {
    return wait_for(nb::none(),
                    [&](const drivers::KeepWaiting& keep_waiting) { return process::save_because(why, keep_waiting); });
}

}  // namespace

void bind_saving(nb::module_& module) {
    nb::class_<SavingOptions>(module, "SavingOptions", "How a recording is saved while it goes on.")
        .def(nb::init<>())
        .def_rw("last_seconds", &SavingOptions::last_seconds, nb::arg().none(), "Only these last seconds are kept.")
        .def_rw("last_bytes", &SavingOptions::last_bytes, nb::arg().none(),
                "Only what fits into so many bytes on the disk is kept.")
        .def_rw("slower", &SavingOptions::slower, nb::arg().none(), "A marked zone, or a frame, of more seconds.")
        .def_rw("slower_named", &SavingOptions::slower_named, "A zone whose name matches a pattern, likewise.")
        .def_rw("signal", &SavingOptions::signal, "A signal, by its number; 0: none.")
        .def_rw("signal_name", &SavingOptions::signal_name, "What messages call it.");
    nb::class_<drivers::Saved>(module, "Saved", "A file to which a recording was saved while it goes on.")
        .def_prop_ro("path", &path_of, nb::sig("def path(self) -> str"), "Path of the file.")
        .def_ro("recorded", &drivers::Saved::recorded, "What is in it.");
    module.def("save_recording", &save_recording, "path"_a, nb::kw_only(), "overwrite"_a, "progress"_a.none(),
               nb::sig("def save_recording(path: str, *, overwrite: bool, progress: "
                       "collections.abc.Callable[[int, int], object] | None) -> Saved"),
               "Write what was recorded so far to a file, and go on; an empty path is a name that is free.\n\n"
               "Raises:\n    OSError: A file is in the way, or cannot be made.\n"
               "    RuntimeError: Nothing is being recorded.");
    module.def(
        "save_because", &save_because, "why"_a,
        "Do the same, unless that was done just a moment ago, and say so on stderr. Return whether it was saved.\n\n"
        "Raises:\n    OSError: As save_recording.\n    RuntimeError: Likewise.");
}

}  // namespace tracypy::bindings
