#include <nanobind/ndarray.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <limits>

#include "base/dxt1.hpp"
#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "bindings/interruptible_file.hpp"
#include "bindings/layouts.hpp"
#include "bindings/trace_rows.hpp"
#include "events/vocabulary.hpp"
#include "model/excerpt.hpp"
#include "model/trace.hpp"
#include "tracefile/reader.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using tracefile::ReadResult;

constexpr std::array kZoneLayout = {
    TRACYPY_FIELD(model::Zone, start_ns), TRACYPY_FIELD(model::Zone, end_ns),   TRACYPY_FIELD(model::Zone, location),
    TRACYPY_FIELD(model::Zone, extra),    TRACYPY_FIELD(model::Zone, children), TRACYPY_FIELD(model::Zone, depth),
};
constexpr std::array kFrameLayout = {TRACYPY_FIELD(model::Frame, start_ns), TRACYPY_FIELD(model::Frame, end_ns)};
constexpr std::array kPointLayout = {TRACYPY_FIELD(model::PlotPoint, time_ns), TRACYPY_FIELD(model::PlotPoint, value)};
constexpr std::array kAllocationLayout = {
    TRACYPY_FIELD(model::Allocation, begin_ns),        TRACYPY_FIELD(model::Allocation, end_ns),
    TRACYPY_FIELD(model::Allocation, address),         TRACYPY_FIELD(model::Allocation, size),
    TRACYPY_FIELD(model::Allocation, begin_thread),    TRACYPY_FIELD(model::Allocation, end_thread),
    TRACYPY_FIELD(model::Allocation, begin_callstack), TRACYPY_FIELD(model::Allocation, end_callstack),
};
static_assert(is_whole_row(kAllocationLayout, sizeof(model::Allocation)));
constexpr std::array kRunLayout = {TRACYPY_FIELD(model::FiberRun, start_ns), TRACYPY_FIELD(model::FiberRun, end_ns),
                                   TRACYPY_FIELD(model::FiberRun, carrier)};
static_assert(is_whole_row(kRunLayout, sizeof(model::FiberRun)));
static_assert(is_whole_row(kZoneLayout, sizeof(model::Zone)));
static_assert(is_whole_row(kFrameLayout, sizeof(model::Frame)));
static_assert(is_whole_row(kPointLayout, sizeof(model::PlotPoint)));

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

ReadResult read_trace(const std::filesystem::path& path, std::int64_t from_ns, std::int64_t until_ns,
                      std::int64_t least_ns) {
    return read_interruptibly(path, [&](io::ByteSource& source) {
        ReadResult file = tracefile::read_trace(source);
        model::cut(file.trace, {from_ns, until_ns, least_ns});
        return file;
    });
}

void bind_info(nb::module_& module) {
    using model::TraceInfo;
    nb::class_<TraceInfo>(module, "InfoRow", "What a trace file says about the recording as a whole.")
        .def_prop_ro(
            "program", [](const TraceInfo& info) { return decoded(info.program.name); }, "Name of the program.")
        .def_prop_ro(
            "name", [](const TraceInfo& info) { return decoded(info.capture_name); }, "Title.")
        .def_prop_ro(
            "host", [](const TraceInfo& info) { return decoded(info.program.host); }, "Lines about the machine.")
        .def_prop_ro(
            "process_id", [](const TraceInfo& info) { return info.program.process_id; }, "Process of the program.")
        .def_ro("capture_time_s", &TraceInfo::capture_time_s, "When the recording was made, since 1970; 0: unknown.")
        .def_prop_ro(
            "executable_time_s", [](const TraceInfo& info) { return info.program.executable_time_s; },
            "When the program's file was made; 0: unknown.")
        .def_ro("ns_per_tick", &TraceInfo::ns_per_tick, "Length of a tick of the program's clock.")
        .def_ro("resolution_ns", &TraceInfo::resolution_ns, "Shortest time that the clock could tell apart.")
        .def_ro("last_time_ns", &TraceInfo::last_time_ns, "Last time in the trace.")
        .def_ro("sampling_period_ns", &TraceInfo::sampling_period_ns, "Time between two samples; 0 without samples.")
        .def_ro("is_on_demand", &TraceInfo::is_on_demand, "Whether the program recorded only for a viewer.")
        .def_ro("frame_offset", &TraceInfo::frame_offset, "Frames before the viewer came.");
    nb::class_<tracefile::SkippedSection>(module, "SkippedRow", "A section of a trace file that was not read.")
        .def_ro("name", &tracefile::SkippedSection::name, "What is in it.")
        .def_ro("entries", &tracefile::SkippedSection::entries, "How many.");
}

void bind_zone_rows(nb::module_& module) {
    nb::class_<LocationRow>(module, "LocationRow", "A place where zones are made.")
        .def_ro("name", &LocationRow::name, "Name that was given; empty without one.")
        .def_ro("function", &LocationRow::function, "Name of the function.")
        .def_ro("file", &LocationRow::file, "Path of the file, as the program knew it.")
        .def_ro("line", &LocationRow::line, "Line, from 1; 0: unknown.")
        .def_ro("color", &LocationRow::color, "0xRRGGBB; 0 for none.");
    nb::class_<ThreadRow>(module, "ThreadRow", "A thread or a fiber.")
        .def_ro("name", &ThreadRow::name, "Name; empty without one.")
        .def_ro("id", &ThreadRow::id, "Number that the system, or the program, gave it.")
        .def_ro("zone_count", &ThreadRow::zone_count, "Number of zones.")
        .def_ro("thread_count", &ThreadRow::thread_count, "Number of threads that share the row.")
        .def_ro("short_number", &ThreadRow::short_number, "Number in the file; 0: it has no zones.")
        .def_ro("is_fiber", &ThreadRow::is_fiber, "Whether it is a fiber.");
    nb::class_<ZoneExtraRow>(module, "ZoneExtraRow", "What only a few zones have.")
        .def_ro("text", &ZoneExtraRow::text, nb::for_getter(nb::sig("def text(self) -> str | None")),
                "Texts and values, a line each.")
        .def_ro("name", &ZoneExtraRow::name, nb::for_getter(nb::sig("def name(self) -> str | None")),
                "Name of its own.")
        .def_ro("color", &ZoneExtraRow::color, "Colour of its own, 0xRRGGBB; 0 for none.")
        .def_ro("callstack", &ZoneExtraRow::callstack, "Index of its call stack; 0 for none.");
}

void bind_other_rows(nb::module_& module) {
    nb::class_<FrameSetRow>(module, "FrameSetRow", "The frames of one name.")
        .def_ro("name", &FrameSetRow::name, "Name; empty for the default set.")
        .def_ro("is_continuous", &FrameSetRow::is_continuous, "Whether a frame ends where the next one begins.")
        .def_ro("frames", &FrameSetRow::frames, nb::for_getter(nb::sig("def frames(self) -> memoryview")),
                "The frames in place: rows of FRAME_LAYOUT.");
    nb::class_<MessageRow>(module, "MessageRow", "A line that the program logged.")
        .def_ro("text", &MessageRow::text, "The line.")
        .def_ro("time_ns", &MessageRow::time_ns, "When.")
        .def_ro("thread", &MessageRow::thread, nb::for_getter(nb::sig("def thread(self) -> int | None")),
                "Index of its thread; None: unknown.")
        .def_ro("color", &MessageRow::color, "0xRRGGBB; 0 for none.")
        .def_ro("severity", &MessageRow::severity, "0 trace, 1 debug, 2 info, 3 warning, 4 error, 5 fatal.")
        .def_ro("source", &MessageRow::source, "0 the program, 1 Tracy itself.")
        .def_ro("callstack", &MessageRow::callstack, "Index of its call stack; 0 for none.");
    nb::class_<PlotRow>(module, "PlotRow", "A curve.")
        .def_ro("name", &PlotRow::name, "Name; empty for those that Tracy makes itself.")
        .def_ro("kind", &PlotRow::kind, "0 of the program, 1 memory, 2 CPU, 3 power.")
        .def_ro("format", &PlotRow::format, "0 number, 1 memory, 2 percentage, 3 watt.")
        .def_ro("shows_steps", &PlotRow::shows_steps, "Whether a value holds until the next one.")
        .def_ro("is_filled", &PlotRow::is_filled, "Whether a viewer fills what is below it.")
        .def_ro("color", &PlotRow::color, "0xRRGGBB; 0 for the viewer's choice.")
        .def_ro("points", &PlotRow::points, nb::for_getter(nb::sig("def points(self) -> memoryview")),
                "The points in place: rows of POINT_LAYOUT.");
    nb::class_<LockRow>(module, "LockRow", "A lock.")
        .def_ro("id", &LockRow::id, "Number.")
        .def_ro("location", &LockRow::location, "Index of the place where it was made.")
        .def_ro("is_shared", &LockRow::is_shared, "Whether several threads may have it at once.")
        .def_ro("made_ns", &LockRow::made_ns, "When it was made.")
        .def_ro("events", &LockRow::events, nb::for_getter(nb::sig("def events(self) -> list[tuple[int, int, int]]")),
                "Time, id of the thread, and what: 0 wait, 1 obtain, 2 release; 3 to 5 the same of a share.");
    nb::class_<FrameImageRow>(module, "FrameImageRow", "What a frame looked like.")
        .def_ro("frame", &FrameImageRow::frame, "Index of the frame in the unnamed set; below 0 before the first mark.")
        .def_ro("width", &FrameImageRow::width, "In pixels.")
        .def_ro("height", &FrameImageRow::height, "In pixels.")
        .def_ro("is_flipped", &FrameImageRow::is_flipped, "Whether its first row is the lowest.")
        .def_ro("data", &FrameImageRow::data, nb::for_getter(nb::sig("def data(self) -> bytes")), "As DXT1.");
    module.def(
        "decode_dxt1",
        [](nb::bytes data, unsigned width, unsigned height) {
            if (width % 4 != 0 || height % 4 != 0 || data.size() != base::dxt1_bytes(width, height)) {
                throw nb::value_error("the data are not an image of that size");
            }
            const std::string rgb = base::from_dxt1({data.c_str(), data.size()}, width, height);
            return nb::bytes(rgb.data(), rgb.size());
        },
        "data"_a, "width"_a, "height"_a, nb::sig("def decode_dxt1(data: bytes, width: int, height: int) -> bytes"),
        "Return the pixels of an image, three bytes for each.");
    nb::class_<GpuContextRow>(module, "GpuContextRow", "A queue of a GPU.")
        .def_ro("name", &GpuContextRow::name, "Name.")
        .def_ro("kind", &GpuContextRow::kind, "As viewers number them.")
        .def_ro("zones", &GpuContextRow::zones,
                nb::for_getter(nb::sig("def zones(self) -> list[tuple[int, int | None, int, int, int, int, int]]")),
                "Location, thread, depth; begin and end by the processor, then by the GPU, -1 for none.");
    nb::class_<SectionRow>(module, "SectionRow", "A part of the program's run.")
        .def_ro("name", &SectionRow::name, "Name.")
        .def_ro("begin_ns", &SectionRow::begin_ns, "When it began.")
        .def_ro("end_ns", &SectionRow::end_ns, "When it ended; -1 if the recording did not live to see it.")
        .def_ro("category", &SectionRow::category, "Name of its category; empty for none.");
    nb::class_<MemoryPoolRow>(module, "MemoryPoolRow", "Blocks of memory that belong together.")
        .def_ro("name", &MemoryPoolRow::name, "Name; empty for the default pool.")
        .def_ro("bytes", &MemoryPoolRow::bytes, "Sum of all blocks.")
        .def_ro("in_use", &MemoryPoolRow::in_use, "Sum of those that live at the end.")
        .def_ro("peak", &MemoryPoolRow::peak, "Most that was in use at a time.")
        .def_ro("blocks", &MemoryPoolRow::blocks, "How many live at the end.")
        .def_ro("allocations", &MemoryPoolRow::allocations,
                nb::for_getter(nb::sig("def allocations(self) -> memoryview")),
                "The blocks in place: rows of ALLOCATION_LAYOUT.");
}

void bind_file(nb::module_& module) {
    using Count = std::size_t;
    nb::class_<ReadResult>(module, "TraceFile", "A trace file in memory, complete and unchanging: any thread may look.")
        .def_prop_ro(
            "version", [](const ReadResult& file) { return file.version.text(); }, "Release of its layout.")
        .def_prop_ro(
            "info", [](const ReadResult& file) -> const model::TraceInfo& { return file.trace.info; },
            "About the recording as a whole.")
        .def_prop_ro(
            "app_info",
            [](const ReadResult& file) {
                nb::list lines;
                for (const model::TextId line : file.trace.app_info) lines.append(decoded(file.trace.strings.at(line)));
                return lines;
            },
            nb::for_getter(nb::sig("def app_info(self) -> list[str]")), "What the program said of itself.")
        .def_ro("skipped", &ReadResult::skipped, "The sections that were not read.")
        .def_prop_ro("location_count", [](const ReadResult& file) -> Count { return file.trace.locations.size(); })
        .def_prop_ro("thread_count", [](const ReadResult& file) -> Count { return file.trace.threads.size(); })
        .def_prop_ro("frame_set_count", [](const ReadResult& file) -> Count { return file.trace.frame_sets.size(); })
        .def_prop_ro("message_count", [](const ReadResult& file) -> Count { return file.trace.messages.size(); })
        .def_prop_ro("lock_count", [](const ReadResult& file) -> Count { return file.trace.locks.size(); })
        .def_prop_ro("plot_count", [](const ReadResult& file) -> Count { return file.trace.plots.size(); })
        .def_prop_ro("memory_pool_count",
                     [](const ReadResult& file) -> Count { return file.trace.memory_pools.size(); })
        .def_prop_ro(
            "frame_image_count",
            [](const ReadResult& file) -> Count {
                return static_cast<Count>(std::ranges::count(file.trace.frame_images, 0u, &model::FrameImage::set));
            })
        .def_prop_ro("gpu_context_count",
                     [](const ReadResult& file) -> Count { return file.trace.gpu_contexts.size(); })
        .def_prop_ro("section_count", [](const ReadResult& file) -> Count { return file.trace.sections.size(); })
        .def_prop_ro("callstack_count",
                     [](const ReadResult& file) -> Count { return file.trace.callstacks.stacks.size(); })
        .def_prop_ro("source_file_count",
                     [](const ReadResult& file) -> Count { return file.trace.source_files.size(); })
        .def(
            "source_file",
            [](const ReadResult& file, std::size_t index) {
                if (index >= file.trace.source_files.size()) throw nb::index_error("no such source file");
                const model::SourceFile& source = file.trace.source_files[index];
                return nb::make_tuple(decoded(source.name), nb::bytes(source.text.data(), source.text.size()));
            },
            "index"_a, nb::sig("def source_file(self, index: int) -> tuple[str, bytes]"),
            "Return the name and the bytes of a source file.")
        .def("callstack", &callstack_rows, "index"_a,
             nb::sig("def callstack(self, index: int) -> list[tuple[str, str, int]]"),
             "Return a call stack: functions, files and lines, innermost first.")
        .def("location", &location_row, "index"_a, "Return a source location.")
        .def("thread", &thread_row, "index"_a, "Return a thread or fiber.")
        .def("zones", &zones, "thread"_a, nb::sig("def zones(self, thread: int) -> memoryview"),
             "Return a thread's zones in place: rows of ZONE_LAYOUT.")
        .def("runs", &runs, "thread"_a, nb::sig("def runs(self, thread: int) -> memoryview"),
             "Return the runs of a fiber in place: rows of RUN_LAYOUT.")
        .def("zone_rows", &zone_rows, "row"_a, "thread"_a, "first"_a, "count"_a,
             nb::sig("def zone_rows[Row: tuple[object, ...]](self, row: type[Row], thread: int, first: int, "
                     "count: int) -> list[Row]"),
             "Return up to `count` zones of a thread as instances of `row`, a NamedTuple with the fields start_ns,\n"
             "end_ns, location, depth, text, name, color and callstack.")
        .def("zone_extra", &zone_extra_row, "index"_a, "Return what a zone has beside times and place.")
        .def("frame_set", &frame_set_row, "index"_a, "Return a set of frames.")
        .def("message", &message_row, "index"_a, "Return a line that was logged.")
        .def("plot", &plot_row, "index"_a, "Return a curve.")
        .def("lock", &lock_row, "index"_a, "Return a lock.")
        .def("memory_pool", &memory_pool_row, "index"_a, "Return a pool of memory.")
        .def("frame_image", &frame_image_row, "index"_a, "Return what a frame looked like.")
        .def("gpu_context", &gpu_context_row, "index"_a, "Return a queue of a GPU.")
        .def("section", &section_row, "index"_a, "Return a part of the program's run.");
}

}  // namespace

void bind_trace(nb::module_& module) {
    nb::list severities;
    for (const char* const name : events::kSeverityNames) severities.append(name);
    module.attr("SEVERITIES") = nb::tuple(severities);
    module.attr("ZONE_LAYOUT") = as_tuple(kZoneLayout);
    module.attr("RUN_LAYOUT") = as_tuple(kRunLayout);
    module.attr("FRAME_LAYOUT") = as_tuple(kFrameLayout);
    module.attr("POINT_LAYOUT") = as_tuple(kPointLayout);
    module.attr("ALLOCATION_LAYOUT") = as_tuple(kAllocationLayout);
    bind_info(module);
    bind_zone_rows(module);
    bind_other_rows(module);
    bind_file(module);
    module.def("read_trace", &read_trace, "path"_a, "from_ns"_a = 0, "until_ns"_a = kMost, "least_ns"_a = 0,
               nb::sig("def read_trace(path: str | os.PathLike[str], from_ns: int = 0, until_ns: int = ..., "
                       "least_ns: int = 0) -> TraceFile"),
               "Read a trace file; of it, what lies between two times, and zones that are so long.\n\n"
               "Raises:\n    OSError: The file cannot be opened or read.\n"
               "    ValueError: It is damaged, foreign, or of a release that is not read.");
}

}  // namespace tracypy::bindings
