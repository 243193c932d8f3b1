#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "bindings/interruption.hpp"
#include "cpython/gil.hpp"
#include "drivers/merging.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using drivers::MergePlace;
using drivers::MergeResult;

const char* by_of(const MergePlace& place) {
    static constexpr const char* kBy[] = {"told", "counter", "clock", "seconds"};
    return kBy[static_cast<int>(place.by)];
}

nb::list notes_of(const MergeResult& result) {
    nb::list notes;
    for (const std::string& note : result.notes) notes.append(decoded(note));
    return notes;
}

MergeResult merge(const std::vector<std::pair<std::filesystem::path, std::optional<double>>>& inputs,
                  const std::filesystem::path& output, bool overwrite) {
    std::vector<drivers::MergeInput> wanted;
    for (const auto& [path, offset] : inputs) wanted.push_back({path, offset});
    Interruption interruption;
    MergeResult result;
    try {
        const cpython::GilReleased released;
        result = drivers::merge_traces(wanted, output, overwrite, [&interruption] { return interruption.look(); });
    } catch (const base::Error&) {
        if (!interruption.has_come()) throw;
    }
    interruption.raise_if_come();
    return result;
}

}  // namespace

void bind_merge(nb::module_& module) {
    nb::class_<MergePlace>(module, "MergePlace", "Where a trace lies in one that it was merged into.")
        .def_prop_ro(
            "program", [](const MergePlace& self) { return decoded(self.program); }, "Name of its program.")
        .def_ro("process_id", &MergePlace::process_id, "Process of its program.")
        .def_ro("begin_ns", &MergePlace::begin_ns, "Where its time 0 is.")
        .def_prop_ro("by", &by_of, nb::sig("def by(self) -> typing.Literal['told', 'counter', 'clock', 'seconds']"),
                     "By what that is known.")
        .def_ro("error_ns", &MergePlace::error_ns, "How far off it may be.")
        .def_ro("zones", &MergePlace::zones, "Zones in it.");
    nb::class_<MergeResult>(module, "MergeResult", "What was merged.")
        .def_ro("places", &MergeResult::places, "Where each trace lies now, in the order in which they were named.")
        .def_prop_ro("notes", &notes_of, nb::sig("def notes(self) -> list[str]"),
                     "What did not go over as it was, one line each.")
        .def_ro("threads", &MergeResult::threads, "Threads and fibers in the file.")
        .def_ro("zones", &MergeResult::zones, "Zones in the file.")
        .def_ro("file_bytes", &MergeResult::file_bytes, "Size of the file.")
        .def_ro("zones_elsewhere", &MergeResult::zones_elsewhere,
                "Zones whose source location had no room, and that are shown as \"other functions\".")
        .def_prop_ro("layout", [](const MergeResult& self) { return self.layout.text(); }, "Layout of the file.");
    module.def("merge", &merge, "inputs"_a, "output"_a, nb::kw_only(), "overwrite"_a,
               nb::sig("def merge(inputs: Sequence[tuple[str | os.PathLike[str], float | None]], "
                       "output: str | os.PathLike[str], *, overwrite: bool) -> MergeResult"),
               "Merge trace files into one; each with how many seconds its time 0 lies behind that of the first, if "
               "that is told.\n\n"
               "Raises:\n    OSError: A file cannot be read or written.\n    ValueError: They cannot be merged.");
}

}  // namespace tracypy::bindings
