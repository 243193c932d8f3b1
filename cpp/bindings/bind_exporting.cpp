#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bindings/bind.hpp"
#include "exporting/perfetto_zones.hpp"
#include "tracefile/reader.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using exporting::PerfettoZones;
using tracefile::ReadResult;

std::string bytes_of(nb::handle object) {
    const auto bytes = nb::cast<nb::bytes>(object);
    return {bytes.c_str(), bytes.size()};
}

const model::Thread& thread_at(const ReadResult& file, std::size_t thread) {
    if (thread >= file.trace.threads.size()) throw nb::index_error("no such thread");
    return file.trace.threads[thread];
}

void make_perfetto_zones(PerfettoZones* place, const ReadResult& file, std::vector<bool> is_kept,
                         const nb::list& interned) {
    if (interned.size() != file.trace.locations.size()) throw nb::value_error("interned: one for each location");
    std::vector<std::string> names;
    for (const nb::handle name : interned) names.push_back(bytes_of(name));
    new (place) PerfettoZones(std::move(is_kept), std::move(names), file.trace.info.last_time_ns);
}

nb::bytes more_packets(PerfettoZones& zones, std::size_t most_bytes, const nb::callable& describe) {
    const std::string packets = zones.more(most_bytes, [&](const model::Zone& zone) {
        const auto told = nb::cast<nb::tuple>(describe(zone.location, zone.extra));
        return exporting::EventFields{bytes_of(told[0]), nb::cast<bool>(told[1])};
    });
    return nb::bytes(packets.data(), packets.size());
}

}  // namespace

void bind_exporting(nb::module_& module) {
    nb::class_<PerfettoZones>(module, "PerfettoZones", "The zones of threads as packets of a Perfetto trace.")
        .def("__init__", &make_perfetto_zones, "file"_a, "is_kept"_a, "interned"_a,
             nb::sig("def __init__(self, file: TraceFile, is_kept: Sequence[bool], interned: list[bytes]) -> None"),
             "Those of the locations that are kept. interned[location] is the InternedData that gives the location's "
             "name and\nplace the number location + 1.")
        .def(
            "start",
            [](PerfettoZones& zones, const ReadResult& file, std::size_t thread, std::uint32_t sequence) {
                zones.start(thread_at(file, thread), sequence);
            },
            "file"_a, "thread"_a, "sequence"_a, nb::keep_alive<1, 2>(),
            "Go to a thread of that file, all of whose packets are of that sequence, which is no other thread's.")
        .def("more", &more_packets, "most_bytes"_a, "describe"_a,
             nb::sig("def more(self, most_bytes: int, describe: Callable[[int, int], tuple[bytes, bool]]) -> bytes"),
             "Return the next packets of the thread, of about so many bytes; b\"\" when there are no more.\n\n"
             "`describe(location, extra)` returns more fields of a zone's TrackEvent, and whether they have its name.");
}

}  // namespace tracypy::bindings
