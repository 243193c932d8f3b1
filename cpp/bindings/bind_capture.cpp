#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "bindings/interruption.hpp"
#include "cpython/gil.hpp"
#include "drivers/capture.hpp"
#include "drivers/discover.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using drivers::CaptureProgress;
using drivers::Verdict;

using drivers::CaptureResult;
using drivers::DiscoveredProgram;

const char* phase_of(const CaptureProgress& progress) {
    static constexpr const char* kPhases[] = {"connecting", "knocking", "receiving", "stopping", "saving"};
    return kPhases[static_cast<int>(progress.phase)];
}

const char* end_of(const CaptureResult& result) {
    static constexpr const char* kEnds[] = {"finished", "stopped", "memory", "lost", "failed"};
    return kEnds[static_cast<int>(result.end)];
}

nb::dict not_kept(const CaptureResult& result) {
    nb::dict counts;
    for (const protocol::UnsupportedEvents& entry : result.unsupported_events)
        counts[decoded(entry.what)] = entry.count;
    return counts;
}

/// Asks Python whether to go on. When it raises (Ctrl-C, too), what was received until then is saved.
Verdict ask(const nb::callable& go_on, Interruption& interruption, const CaptureProgress& progress) {
    Verdict verdict = Verdict::Leave;
    interruption.look([&] {
        try {
            verdict = nb::cast<bool>(go_on(progress)) ? Verdict::GoOn : Verdict::Stop;
            return true;
        } catch (nb::python_error& error) {
            error.restore();
        } catch (const nb::cast_error&) {
            PyErr_SetString(PyExc_TypeError, "the progress function must return a bool");
        }
        return false;
    });
    return verdict;
}

CaptureResult capture(const std::filesystem::path& path, const std::string& address, std::uint16_t port, bool overwrite,
                      std::uint32_t protocol, std::optional<double> connect_seconds, std::optional<double> seconds,
                      std::optional<double> memory_percent, const nb::callable& go_on) {
    drivers::CaptureConfig config;
    config.path = path;
    config.address = address;
    config.port = port;
    config.overwrite = overwrite;
    config.protocol = protocol;
    config.connect_seconds = connect_seconds;
    config.seconds = seconds;
    config.memory_percent = memory_percent;
    Interruption interruption;
    CaptureResult result;
    try {
        const cpython::GilReleased released;
        result = drivers::capture(config,
                                  [&](const CaptureProgress& progress) { return ask(go_on, interruption, progress); });
    } catch (const drivers::CaptureError&) {
        if (!interruption.has_come()) throw;
    }
    interruption.raise_if_come();
    return result;
}

std::vector<DiscoveredProgram> discover(double seconds) {
    std::vector<DiscoveredProgram> programs;
    Interruption interruption;
    {
        const cpython::GilReleased released;
        programs = drivers::discover(seconds, [&interruption] { return interruption.look(); });
    }
    interruption.raise_if_come();
    return programs;
}

void bind_progress(nb::module_& module) {
    nb::class_<CaptureProgress>(module, "CaptureProgress", "How far a capture is.")
        .def_prop_ro("phase", &phase_of,
                     nb::sig("def phase(self) -> "
                             "typing.Literal['connecting', 'knocking', 'receiving', 'stopping', 'saving']"),
                     "What it does.")
        .def_ro("zones", &CaptureProgress::zones, "Zones received.")
        .def_ro("frames", &CaptureProgress::frames, "Frame marks received.")
        .def_ro("bytes_received", &CaptureProgress::bytes_received, "Bytes as they came, compressed.")
        .def_ro("bytes_events", &CaptureProgress::bytes_events, "Bytes that they were, uncompressed.")
        .def_ro("span_ns", &CaptureProgress::span_ns, "Time from the program's start to the last event.")
        .def_ro("seconds", &CaptureProgress::seconds, "Time since the program answered.");
}

void bind_result(nb::module_& module) {
    nb::class_<CaptureResult>(module, "CaptureResult", "What was captured.")
        .def_prop_ro(
            "program", [](const CaptureResult& self) { return decoded(self.program); }, "Name of the program.")
        .def_ro("protocol", &CaptureResult::protocol, "Protocol that it spoke.")
        .def_prop_ro("end", &end_of,
                     nb::sig("def end(self) -> typing.Literal['finished', 'stopped', 'memory', 'lost', 'failed']"),
                     "Why the capture ended.")
        .def_prop_ro(
            "problem", [](const CaptureResult& self) { return decoded(self.problem); },
            "One line when lost or failed, else empty.")
        .def_ro("progress", &CaptureResult::progress, "How far it came.")
        .def_ro("threads", &CaptureResult::threads, "Threads and fibers in the file.")
        .def_ro("frames", &CaptureResult::frames, "Marks of the default set in the file.")
        .def_ro("messages", &CaptureResult::messages, "Messages in the file.")
        .def_ro("plots", &CaptureResult::plots, "Plots in the file.")
        .def_ro("file_bytes", &CaptureResult::file_bytes, "Size of the file.")
        .def_prop_ro("not_kept", &not_kept, nb::sig("def not_kept(self) -> dict[str, int]"),
                     "How much came of what a trace has no place for, by name.");
}

void bind_discovered(nb::module_& module) {
    nb::class_<DiscoveredProgram>(module, "DiscoveredProgram", "A program that announces itself.")
        .def_prop_ro(
            "program", [](const DiscoveredProgram& self) { return decoded(self.program); }, "Its name.")
        .def_ro("address", &DiscoveredProgram::address, "Its numeric address.")
        .def_ro("port", &DiscoveredProgram::port, "Port where it listens.")
        .def_ro("protocol", &DiscoveredProgram::protocol, "Protocol that it announces.")
        .def_ro("process_id", &DiscoveredProgram::process_id, "Its process.")
        .def_ro("active_seconds", &DiscoveredProgram::active_seconds, "Time since it started, by its own account.");
}

}  // namespace

void bind_capture(nb::module_& module) {
    bind_progress(module);
    bind_result(module);
    bind_discovered(module);
    module.def("capture", &capture, "path"_a, nb::kw_only(), "address"_a, "port"_a, "overwrite"_a, "protocol"_a,
               "connect_seconds"_a.none(), "seconds"_a.none(), "memory_percent"_a.none(), "go_on"_a,
               nb::sig("def capture(path: str | os.PathLike[str], *, address: str, port: int, overwrite: bool, "
                       "protocol: int, connect_seconds: float | None, seconds: float | None, "
                       "memory_percent: float | None, go_on: Callable[[CaptureProgress], bool]) -> CaptureResult"),
               "Receive from a program until it ends, save it to `path`, and return what came of it.\n\n"
               "`go_on` gets the progress, ten times a second, and returns whether to go on.\n\n"
               "Raises:\n    ConnectionError: No program could be captured.\n"
               "    OSError: The file cannot be written.\n    ValueError: There is no such host or protocol.");
    module.def("discover", &discover, "seconds"_a,
               "Listen for `seconds` to the programs that announce themselves.\n\n"
               "Raises:\n    OSError: The port of announcements is taken.");
}

}  // namespace tracypy::bindings
