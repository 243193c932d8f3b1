#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <string>

#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "cpython/gil.hpp"
#include "drivers/live_view.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using namespace drivers;

const char* name_of(LiveView::State state) {
    static constexpr const char* kStates[] = {"connecting", "knocking", "receiving", "ended"};
    return kStates[static_cast<int>(state)];
}

const char* format_of(const LivePlot& plot) {
    static constexpr const char* kFormats[] = {"number", "memory", "percentage", "watt"};
    return kFormats[static_cast<int>(plot.format)];
}

const char* step(LiveView& view, double seconds) {
    const cpython::GilReleased released;
    return name_of(view.step(seconds));
}

void leave(LiveView& view) {
    const cpython::GilReleased released;
    view.leave();
}

LiveSnapshot snapshot(LiveView& view) {
    const cpython::GilReleased released;
    return view.snapshot();
}

template <typename Row>
nb::str name(const Row& row) {
    return decoded(row.name);
}

void bind_rows(nb::module_& module) {
    nb::class_<LiveFunction>(module, "LiveFunction", "What one function has cost so far.")
        .def_prop_ro("name", &name<LiveFunction>, "Its name.")
        .def_prop_ro(
            "file", [](const LiveFunction& row) { return decoded(row.file); }, "Its file.")
        .def_ro("line", &LiveFunction::line, "Its line.")
        .def_ro("calls", &LiveFunction::calls, "Calls that have begun.")
        .def_ro("total_ns", &LiveFunction::total_ns, "The time of its outermost calls.")
        .def_ro("self_ns", &LiveFunction::self_ns, "The time of its calls without what they call.");
    nb::class_<LiveThread>(module, "LiveThread", "What happened on one thread or fiber so far.")
        .def_prop_ro("name", &name<LiveThread>, "Its name.")
        .def_ro("is_fiber", &LiveThread::is_fiber, "Whether it is a fiber.")
        .def_ro("zones", &LiveThread::zones, "Zones that have begun.")
        .def_ro("busy_ns", &LiveThread::busy_ns, "The time in which some zone was open.");
    nb::class_<LiveFrames>(module, "LiveFrames", "A set of frames.")
        .def_prop_ro("name", &name<LiveFrames>, "Its name; empty for the default set.")
        .def_ro("frames", &LiveFrames::frames, "Frames so far.");
    nb::class_<LiveMemory>(module, "LiveMemory", "What is allocated in one pool of memory.")
        .def_prop_ro("name", &name<LiveMemory>, "Its name; empty for the default pool.")
        .def_ro("bytes", &LiveMemory::bytes, "Bytes in use.")
        .def_ro("blocks", &LiveMemory::blocks, "Blocks in use.")
        .def_ro("is_whole", &LiveMemory::is_whole, "Whether there was room for all its blocks.");
    nb::class_<LivePlot>(module, "LivePlot", "The values of one plot.")
        .def_prop_ro("name", &name<LivePlot>, "Its name.")
        .def_prop_ro("format", &format_of,
                     nb::sig("def format(self) -> typing.Literal['number', 'memory', 'percentage', 'watt']"),
                     "What its values are.")
        .def_ro("points", &LivePlot::points, "Points so far.")
        .def_ro("last", &LivePlot::last, "Its last value.")
        .def_ro("lowest", &LivePlot::lowest, "Its lowest value.")
        .def_ro("highest", &LivePlot::highest, "Its highest value.");
}

void bind_snapshot(nb::module_& module) {
    nb::class_<LiveSnapshot>(module, "LiveSnapshot", "The sums of one moment.")
        .def_ro("time_ns", &LiveSnapshot::time_ns, "When the last event was, since the program's start.")
        .def_ro("zones", &LiveSnapshot::zones, "Zones that have begun.")
        .def_ro("messages", &LiveSnapshot::messages, "Messages that have come.")
        .def_ro("functions", &LiveSnapshot::functions, "The functions, by name.")
        .def_ro("threads", &LiveSnapshot::threads, "The threads and fibers.")
        .def_ro("frames", &LiveSnapshot::frames, "The sets of frames.")
        .def_ro("memory", &LiveSnapshot::memory, "The pools of memory.")
        .def_ro("plots", &LiveSnapshot::plots, "The plots.");
}

}  // namespace

void bind_live(nb::module_& module) {
    bind_rows(module);
    bind_snapshot(module);
    nb::class_<LiveView>(module, "LiveView", "A program that is looked at while it runs.")
        .def(nb::init<const std::string&, std::uint16_t, std::uint32_t>(), "address"_a, "port"_a, "protocol"_a,
             "Protocol 0: whichever the program speaks.\n\nRaises:\n    ValueError: There is no such host or protocol.")
        .def("step", &step, "seconds"_a,
             nb::sig("def step(self, seconds: float) -> "
                     "typing.Literal['connecting', 'knocking', 'receiving', 'ended']"),
             "Receive for so long, or until the state is another one, and return it.\n\n"
             "Raises:\n    ConnectionError: The program is none that can be looked at.")
        .def("leave", &leave, "Take leave of the program.")
        .def("snapshot", &snapshot, "Return the sums of this moment.")
        .def_prop_ro(
            "program", [](const LiveView& view) { return decoded(view.program()); }, "The program's name.")
        .def_prop_ro("protocol", &LiveView::protocol, "What it speaks; 0 before it has answered.")
        .def_prop_ro(
            "problem", [](const LiveView& view) { return decoded(view.problem()); },
            "One line when it has ended before its time, else empty.");
}

}  // namespace tracypy::bindings
