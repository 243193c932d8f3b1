#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bindings/bind.hpp"
#include "bindings/trace_rows.hpp"
#include "bindings/zone_supply.hpp"
#include "exporting/nested_zones.hpp"
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

/// exporting::NestedZones with what it looks at.
struct Nesting {
    Nesting(ZonesOfFile& supply, std::vector<bool> kept)
        : file(supply.file), is_kept(std::move(kept)), zones(*supply.zones, is_kept, file.trace.info.last_time_ns) {}
    Nesting(const Nesting&) = delete;  // the walk looks at is_kept
    Nesting& operator=(const Nesting&) = delete;

    const ReadResult& file;
    std::vector<bool> is_kept;
    exporting::NestedZones zones;
};

nb::list nested_rows(Nesting& nesting, nb::type_object row, std::size_t most) {
    const ZoneRows made(nesting.file, row);
    nb::list rows;
    while (nb::len(rows) < most) {
        const exporting::NestedZone* const zone = nesting.zones.next();
        if (zone == nullptr) break;
        rows.append(nb::make_tuple(zone->start_ns, zone->end_ns, zone->depth, made.of(*zone->zone)));
    }
    return rows;
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
    nb::class_<Nesting>(module, "NestedZones", "The zones of a thread with ends, properly nested.")
        .def(nb::init<ZonesOfFile&, std::vector<bool>>(), "zones"_a, "is_kept"_a, nb::keep_alive<1, 2>(),
             "Those of the locations that are kept, of the thread that `zones` has just gone to.")
        .def("rows", &nested_rows, nb::lock_self(), "row"_a, "most"_a,
             nb::sig("def rows[Row: tuple[object, ...]](self, row: type[Row], most: int) -> "
                     "list[tuple[int, int, int, Row]]"),
             "Return the next ones, `most` at most: start, end, depth, and the zone as TraceFile.zone_rows has it.");
    nb::class_<PerfettoZones>(module, "PerfettoZones", "The zones of threads as packets of a Perfetto trace.")
        .def("__init__", &make_perfetto_zones, "file"_a, "is_kept"_a, "interned"_a,
             nb::sig("def __init__(self, file: TraceFile, is_kept: Sequence[bool], interned: list[bytes]) -> None"),
             "Those of the locations that are kept. interned[location] is the InternedData that gives the location's "
             "name and\nplace the number location + 1.")
        .def(
            "start",
            [](PerfettoZones& zones, ZonesOfFile& supply, std::uint32_t sequence) {
                zones.start(*supply.zones, sequence);
            },
            "zones"_a, "sequence"_a, nb::keep_alive<1, 2>(),
            "Go to the thread that `zones` has just gone to; all of its packets are of that sequence, which is no "
            "other "
            "thread's.")
        .def("more", &more_packets, "most_bytes"_a, "describe"_a,
             nb::sig("def more(self, most_bytes: int, describe: Callable[[int, int], tuple[bytes, bool]]) -> bytes"),
             "Return the next packets of the thread, of about so many bytes; b\"\" when there are no more.\n\n"
             "`describe(location, extra)` returns more fields of a zone's TrackEvent, and whether they have its name.");
}

}  // namespace tracypy::bindings
