#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "bindings/interruption.hpp"
#include "cpython/gil.hpp"
#include "drivers/host_facts.hpp"
#include "drivers/merging.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using drivers::MergePlace;
using drivers::MergeResult;

const char* by_of(const MergePlace& place) {
    static constexpr const char* kBy[] = {"told", "counter", "clock", "seconds", "round trips"};
    return kBy[static_cast<int>(place.by)];
}

nb::list notes_of(const MergeResult& result) {
    nb::list notes;
    for (const std::string& note : result.notes) notes.append(decoded(note));
    return notes;
}

using Reading = std::tuple<std::int64_t, std::int64_t, std::int64_t>;
using Input = std::tuple<std::filesystem::path, std::optional<double>, std::size_t, std::vector<Reading>>;

MergeResult merge(const std::vector<Input>& inputs, const std::filesystem::path& output, bool overwrite) {
    std::vector<drivers::MergeInput> wanted;
    for (const auto& [path, offset, other, readings] : inputs) {
        drivers::MergeInput& input = wanted.emplace_back(path, offset);
        input.other = other;
        for (const auto& [theirs, own, error_ns] : readings) input.readings.push_back({theirs, own, error_ns});
    }
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
        .def_prop_ro("by", &by_of,
                     nb::sig("def by(self) -> typing.Literal['told', 'counter', 'clock', 'seconds', 'round trips']"),
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
               nb::sig("def merge(inputs: Sequence[tuple[str | os.PathLike[str], float | None, int, "
                       "Sequence[tuple[int, int, int]]]], output: str | os.PathLike[str], *, overwrite: bool) -> "
                       "MergeResult"),
               "Merge trace files into one. With each comes how many seconds its time 0 lies behind that of the first, "
               "if that is told, or else the number of one before it and readings: the counter of that one, its own "
               "at that moment, and by how many nanoseconds they may be apart.\n\n"
               "Raises:\n    OSError: A file cannot be read or written.\n    ValueError: They cannot be merged.");
    module.def("ticks", &base::now_ticks, "Read the counter that times of traces come from.");
    module.def(
        "counter_identity", [] { return drivers::counter_identity(base::has_counter_clock()); },
        "Return whose counter that is: equal where two processes read the same one; empty if that is unknown.");
}

}  // namespace tracypy::bindings
