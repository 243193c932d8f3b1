#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>

#include <filesystem>
#include <optional>
#include <string>

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

nb::tuple as_tuple(const CaptureProgress& progress) {
    static constexpr const char* kPhases[] = {"connecting", "knocking", "receiving", "stopping", "saving"};
    return nb::make_tuple(kPhases[static_cast<int>(progress.phase)], progress.zones, progress.frames,
                          progress.bytes_received, progress.bytes_events, progress.span_ns, progress.seconds);
}

nb::tuple as_tuple(const drivers::CaptureResult& result) {
    static constexpr const char* kEnds[] = {"finished", "stopped", "memory", "lost", "failed"};
    nb::dict not_kept;
    for (const protocol::UnsupportedEvents& entry : result.unsupported_events)
        not_kept[decoded(entry.what)] = entry.count;
    return nb::make_tuple(decoded(result.program), result.protocol, kEnds[static_cast<int>(result.end)],
                          decoded(result.problem), result.progress.zones, result.threads, result.frames,
                          result.messages, result.plots, result.progress.span_ns, result.progress.seconds,
                          result.progress.bytes_received, result.file_bytes, not_kept);
}

/// Asks Python whether to go on. When it raises (Ctrl-C, too), what was received until then is saved.
Verdict ask(const nb::callable& go_on, Interruption& interruption, const CaptureProgress& progress) {
    Verdict verdict = Verdict::Leave;
    interruption.look([&] {
        try {
            verdict = nb::cast<bool>(go_on(as_tuple(progress))) ? Verdict::GoOn : Verdict::Stop;
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

nb::tuple capture(const std::filesystem::path& path, const std::string& address, std::uint16_t port, bool overwrite,
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
    drivers::CaptureResult result;
    try {
        const cpython::GilReleased released;
        result = drivers::capture(config,
                                  [&](const CaptureProgress& progress) { return ask(go_on, interruption, progress); });
    } catch (const drivers::CaptureError&) {
        if (!interruption.has_come()) throw;
    }
    interruption.raise_if_come();
    return as_tuple(result);
}

nb::list discover(double seconds) {
    std::vector<drivers::DiscoveredProgram> programs;
    Interruption interruption;
    {
        const cpython::GilReleased released;
        programs = drivers::discover(seconds, [&interruption] { return interruption.look(); });
    }
    interruption.raise_if_come();
    nb::list rows;
    for (const drivers::DiscoveredProgram& program : programs) {
        rows.append(nb::make_tuple(decoded(program.program), program.address, program.port, program.protocol,
                                   program.process_id, program.active_seconds));
    }
    return rows;
}

}  // namespace

void bind_capture(nb::module_& module) {
    module.def(
        "capture", &capture, "path"_a, nb::kw_only(), "address"_a, "port"_a, "overwrite"_a, "protocol"_a,
        "connect_seconds"_a.none(), "seconds"_a.none(), "memory_percent"_a.none(), "go_on"_a,
        nb::sig("def capture(path: str | os.PathLike[str], *, address: str, port: int, overwrite: bool, "
                "protocol: int, connect_seconds: float | None, seconds: float | None, "
                "memory_percent: float | None, go_on: Callable[[tuple[object, ...]], bool]) -> tuple[object, ...]"),
        "Receives from a program until it ends, saves it to `path`, and returns what came of it.\n\n"
        "`go_on` gets the progress as a tuple, ten times a second, and returns whether to go on.\n\n"
        "Raises:\n    ConnectionError: No program could be captured.\n"
        "    OSError: The file cannot be written.\n    ValueError: There is no such host or protocol.");
    module.def("discover", &discover, "seconds"_a,
               nb::sig("def discover(seconds: float) -> list[tuple[str, str, int, int, int, int]]"),
               "Hears for `seconds` which programs announce themselves: a list of (program, address, port, protocol, "
               "process, seconds since it started).\n\n"
               "Raises:\n    OSError: The port of announcements cannot be had.");
}

}  // namespace tracypy::bindings
