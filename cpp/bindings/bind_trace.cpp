#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/thread_names.hpp"
#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "cpython/gil.hpp"
#include "io/file_stream.hpp"
#include "model/trace.hpp"
#include "tracefile/reader.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using model::TextId;
using tracefile::ReadResult;

using Bytes = nb::ndarray<nb::memview, const std::uint8_t, nb::ndim<1>, nb::c_contig>;
using File = nb::pointer_and_handle<ReadResult>;  // what its columns keep alive

ReadResult read_trace(const std::filesystem::path& path) {
    const cpython::GilReleased released;
    io::FileSource source(path);
    return tracefile::read_trace(source);
}

nb::str text(const ReadResult& file, TextId id) {
    return decoded(file.trace.strings.at(id));
}

nb::object text_or_none(const ReadResult& file, TextId id) {
    return id == TextId::None ? nb::none() : nb::object(text(file, id));
}

template <typename Rows>
const typename Rows::value_type& at(const Rows& rows, std::size_t index) {
    if (index >= rows.size()) throw nb::index_error("the trace has no such entry");
    return rows[index];
}

template <typename Row>
Bytes column(nb::handle owner, const std::vector<Row>& rows, std::size_t first = 0) {
    static const std::uint8_t nothing = 0;  // an empty vector has no address, and views want one
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(rows.data() + first);
    return Bytes(rows.empty() ? &nothing : bytes, {(rows.size() - first) * sizeof(Row)}, owner);
}

nb::tuple info(const ReadResult& file) {
    const model::TraceInfo& info = file.trace.info;
    return nb::make_tuple(decoded(info.program), decoded(info.capture_name), decoded(info.host), info.process_id,
                          info.capture_time_s, info.executable_time_s, info.ns_per_tick, info.resolution_ns,
                          info.sampling_period_ns, info.is_on_demand, info.frame_offset);
}

nb::list skipped(const ReadResult& file) {
    nb::list sections;
    for (const tracefile::SkippedSection& section : file.skipped) {
        sections.append(nb::make_tuple(section.name, section.entries));
    }
    return sections;
}

nb::tuple location(const ReadResult& file, std::size_t index) {
    const model::SourceLocation& location = at(file.trace.locations, index);
    return nb::make_tuple(text(file, location.name), text(file, location.function), text(file, location.file),
                          location.line, location.color);
}

nb::tuple thread(const ReadResult& file, std::size_t index) {
    const model::Thread& thread = at(file.trace.threads, index);
    const auto row = static_cast<base::ThreadId>(thread.id);
    const std::uint64_t threads = base::threads_of_row(row, file.trace.strings.at(thread.name));
    return nb::make_tuple(thread.id, text(file, thread.name), thread.is_fiber, thread.zones.size(), thread.short_number,
                          threads);
}

Bytes zones(File file, std::size_t thread) {
    return column(file.h, at(file.p->trace.threads, thread).zones);
}

/// Plain tuples: a trace has millions of zones, and the Python side makes rows of them without running any code.
nb::list zone_rows(const ReadResult& file, std::size_t thread, std::size_t first, std::size_t count) {
    const model::ZoneTable& zones = at(file.trace.threads, thread).zones;
    nb::list rows;
    for (std::size_t i = first; i < zones.size() && i - first < count; ++i) {
        const model::Zone& zone = zones[i];
        const model::ZoneExtra& extra = at(file.trace.zone_extras, zone.extra);
        rows.append(nb::make_tuple(zone.start_ns, zone.end_ns, zone.location, zone.depth,
                                   text_or_none(file, extra.text), text_or_none(file, extra.name), extra.color));
    }
    return rows;
}

nb::tuple zone_extra(const ReadResult& file, std::size_t index) {
    const model::ZoneExtra& extra = at(file.trace.zone_extras, index);
    return nb::make_tuple(text_or_none(file, extra.text), text_or_none(file, extra.name), extra.color);
}

nb::tuple frame_set(File file, std::size_t index) {
    const model::FrameSet& set = at(file.p->trace.frame_sets, index);
    const std::size_t first = index == 0 ? model::start_frames(file.p->trace) : 0;
    return nb::make_tuple(text(*file.p, set.name), set.is_continuous, column(file.h, set.frames, first));
}

nb::tuple message(const ReadResult& file, std::size_t index) {
    const model::Message& message = at(file.trace.messages, index);
    const nb::object thread = message.thread == model::kNoThread ? nb::none() : nb::object(nb::int_(message.thread));
    return nb::make_tuple(message.time_ns, text(file, message.text), thread, message.color, message.severity,
                          message.source);
}

nb::tuple plot(File file, std::size_t index) {
    const model::Plot& plot = at(file.p->trace.plots, index);
    return nb::make_tuple(text(*file.p, plot.name), static_cast<int>(plot.kind), static_cast<int>(plot.format),
                          plot.shows_steps, plot.is_filled, plot.color, column(file.h, plot.points));
}

}  // namespace

void bind_trace(nb::module_& module) {
    using Count = std::size_t;
    nb::class_<ReadResult>(module, "TraceFile", "A trace file in memory, complete and unchanging: any thread may look.")
        .def_prop_ro("version", [](const ReadResult& file) { return file.version.text(); })
        .def_prop_ro("last_time_ns", [](const ReadResult& file) { return file.trace.info.last_time_ns; })
        .def_prop_ro("location_count", [](const ReadResult& file) -> Count { return file.trace.locations.size(); })
        .def_prop_ro("thread_count", [](const ReadResult& file) -> Count { return file.trace.threads.size(); })
        .def_prop_ro("frame_set_count", [](const ReadResult& file) -> Count { return file.trace.frame_sets.size(); })
        .def_prop_ro("message_count", [](const ReadResult& file) -> Count { return file.trace.messages.size(); })
        .def_prop_ro("plot_count", [](const ReadResult& file) -> Count { return file.trace.plots.size(); })
        .def("info", &info,
             nb::sig("def info(self) -> tuple[str, str, str, int, int, int, float, int, int, bool, int]"),
             "Program, name, lines about the host, process, seconds since 1970 of the recording and of the program's\n"
             "file (0: unknown), nanoseconds per tick, resolution, sampling period, on demand or not, frame offset.")
        .def("skipped", &skipped, nb::sig("def skipped(self) -> list[tuple[str, int]]"),
             "Names and entries of the sections that were not read.")
        .def("location", &location, "index"_a,
             nb::sig("def location(self, index: int) -> tuple[str, str, str, int, int]"),
             "Name, function, file, line, colour.")
        .def("thread", &thread, "index"_a,
             nb::sig("def thread(self, index: int) -> tuple[int, str, bool, int, int, int]"),
             "Id, name, fiber or not, number of zones, number in the file, how many threads it stands for.")
        .def("zones", &zones, "thread"_a, nb::sig("def zones(self, thread: int) -> memoryview"),
             "A thread's zones in place, 32 bytes each, as model/zones.hpp lays them out.")
        .def("zone_rows", &zone_rows, "thread"_a, "first"_a, "count"_a,
             nb::sig("def zone_rows(self, thread: int, first: int, count: int) -> list[tuple[int, int, int, int, "
                     "str | None, str | None, int]]"),
             "Start, end, location, depth, text, name and colour of up to `count` zones of a thread.")
        .def("zone_extra", &zone_extra, "index"_a,
             nb::sig("def zone_extra(self, index: int) -> tuple[str | None, str | None, int]"),
             "Text, name and colour of a zone that has any of them.")
        .def("frame_set", &frame_set, "index"_a,
             nb::sig("def frame_set(self, index: int) -> tuple[str, bool, memoryview]"),
             "Name, continuous or not, and the frames in place: start and end, 8 bytes each.")
        .def("message", &message, "index"_a,
             nb::sig("def message(self, index: int) -> tuple[int, str, int | None, int, int, int]"),
             "Time, text, thread, colour, severity, source.")
        .def("plot", &plot, "index"_a,
             nb::sig("def plot(self, index: int) -> tuple[str, int, int, bool, bool, int, memoryview]"),
             "Name, kind, format, steps or not, filled or not, colour, and the points in place: time and double.");
    module.def("read_trace", &read_trace, "path"_a,
               nb::sig("def read_trace(path: str | os.PathLike[str]) -> TraceFile"),
               "Reads a trace file.\n\n"
               "Raises:\n    OSError: The file cannot be opened or read.\n"
               "    ValueError: It is damaged, foreign, or of a release that is not read.");
}

}  // namespace tracypy::bindings
