#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "analysis/timeline/curve.hpp"
#include "analysis/timeline/drawing.hpp"
#include "analysis/timeline/looking.hpp"
#include "analysis/timeline/packing.hpp"
#include "analysis/timeline/timeline.hpp"
#include "bindings/bind.hpp"
#include "bindings/decoded.hpp"
#include "bindings/interruptible_file.hpp"
#include "bindings/kept.hpp"
#include "cpython/gil.hpp"
#include "drivers/timeline_index.hpp"
#include "io/file_stream.hpp"
#include "tracefile/reader.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

/// A trace whose zones are in a timeline, and not in the trace.
struct View {
    tracefile::ReadResult file;
    analysis::Timeline timeline;
    std::vector<analysis::Curve> curves;  // of the plots, then of the pools of memory
};

void add_curves(View& view) {
    for (const model::Plot& plot : view.file.trace.plots) view.curves.emplace_back(plot.points);
    for (const model::MemoryPool& pool : view.file.trace.memory_pools) {
        view.curves.push_back(analysis::Curve::of_pool(pool));
    }
}

std::unique_ptr<View> view_of(io::ByteSource& source) {
    auto view = std::make_unique<View>();
    view->file = tracefile::read_trace(source, &view->timeline);
    view->timeline.finish(view->file.trace);
    add_curves(*view);
    return view;
}

View* read_timeline(const std::filesystem::path& path) {
    return read_interruptibly(path, view_of).release();
}

View* read_index(const std::filesystem::path& path) {
    const cpython::GilReleased released;
    io::FileSource source(path);
    auto view = std::make_unique<View>();
    if (!drivers::read_timeline_index(source, view->file, view->timeline)) return nullptr;
    add_curves(*view);
    return view.release();
}

bool write_index(const View& view, const std::filesystem::path& path) {
    const cpython::GilReleased released;
    if (!drivers::has_timeline_index(view.file.trace)) return false;
    io::FileSink sink(path, io::FileSink::Existing::Replace);
    drivers::write_timeline_index(sink, view.file, view.timeline);
    sink.close();
    return true;
}

template <typename Row>
nb::bytes bytes_of(const std::vector<Row>& rows) {
    return nb::bytes(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(Row));
}

void check_pixel(std::int64_t pixel_ns) {
    if (pixel_ns < 0) throw nb::value_error("a pixel has no width below zero");
}

/// The names that zones have of their own, where there is room for one.
nb::list own_names(const View& view, const std::vector<analysis::DrawnBox>& boxes, std::int64_t pixel_ns) {
    constexpr double kRoomForName = 20;  // pixels
    nb::list names;
    for (const analysis::DrawnBox& box : boxes) {
        if (box.extra == 0 || box.count != 1) continue;
        if (box.end_ns - box.start_ns < kRoomForName * static_cast<double>(pixel_ns)) continue;
        const model::TextId name = view.file.trace.zone_extras[box.extra].name;
        if (name != model::TextId::None) {
            names.append(nb::make_tuple(box.extra, decoded(view.file.trace.strings.at(name))));
        }
    }
    return names;
}

nb::tuple draw(const View& view, std::size_t lane, std::size_t first_row, std::size_t last_row, std::int64_t from_ns,
               std::int64_t to_ns, std::int64_t pixel_ns) {
    check_pixel(pixel_ns);
    std::vector<analysis::DrawnBox> boxes;
    std::vector<std::size_t> counts;
    {
        const cpython::GilReleased released;
        const analysis::Lane& rows = view.timeline.lane(lane);
        for (std::size_t i = first_row; i < std::min(last_row, rows.size()); ++i) {
            const std::size_t before = boxes.size();
            analysis::draw(rows[i], from_ns, to_ns, pixel_ns, view.file.trace.zone_extras, boxes);
            counts.push_back(boxes.size() - before);
        }
    }
    return nb::make_tuple(counts, bytes_of(boxes), own_names(view, boxes, pixel_ns));
}

nb::bytes draw_messages(const View& view, std::int64_t from_ns, std::int64_t to_ns, std::int64_t pixel_ns) {
    check_pixel(pixel_ns);
    std::vector<analysis::DrawnBox> boxes;
    analysis::draw_messages(view.file.trace.messages, from_ns, to_ns, pixel_ns, boxes);
    return bytes_of(boxes);
}

const analysis::Curve& curve_at(const View& view, std::size_t index) {
    if (index >= view.curves.size()) throw nb::index_error("the trace has no such curve");
    return view.curves[index];
}

nb::tuple place_tuple(const analysis::ZonePlace& place) {
    return nb::make_tuple(place.lane, place.row, place.zone);
}

nb::object look(const View& view, std::uint32_t lane, std::uint32_t row, std::uint32_t zone) {
    std::optional<analysis::ZoneLook> found;
    {
        const cpython::GilReleased released;
        found = analysis::look_at(view.timeline, {lane, row, zone});
    }
    if (!found) throw nb::index_error("the trace has no such zone");
    nb::list children;
    for (const analysis::FunctionShare& share : found->children) {
        children.append(nb::make_tuple(share.location, share.calls, share.total_ns));
    }
    nb::object parent = nb::none();
    if (found->parent) parent = place_tuple(*found->parent);
    nb::object first_child = nb::none();
    if (found->first_child) first_child = place_tuple(*found->first_child);
    return nb::make_tuple(found->zone.start_ns, found->zone.end_ns, found->zone.location, found->extra, found->self_ns,
                          found->zone.children, parent, first_child, children);
}

analysis::Wanted wanted_of(const View& view, const std::vector<std::uint32_t>& locations, const std::string& word) {
    analysis::Wanted wanted{std::vector<bool>(view.file.trace.locations.size()),
                            analysis::extras_with(view.file.trace, word)};
    for (const std::uint32_t location : locations) {
        if (location < wanted.locations.size()) wanted.locations[location] = true;
    }
    return wanted;
}

nb::object find(const View& view, const std::vector<std::uint32_t>& locations, const std::string& word,
                std::int64_t time_ns, std::uint32_t lane, std::uint32_t row, std::uint32_t zone, bool is_forward) {
    std::optional<analysis::Found> found;
    {
        const cpython::GilReleased released;
        found = analysis::find(view.timeline, wanted_of(view, locations, word), time_ns, {lane, row, zone}, is_forward);
    }
    if (!found) return nb::none();
    return nb::make_tuple(place_tuple(found->place), found->zone.start_ns, found->zone.end_ns, found->zone.location);
}

/// Their lanes, in order.
std::vector<std::pair<const model::GpuContext*, const model::GpuRow*>> gpu_lanes(const View& view) {
    std::vector<std::pair<const model::GpuContext*, const model::GpuRow*>> lanes;
    for (const model::GpuContext& context : view.file.trace.gpu_contexts) {
        for (const model::GpuRow& row : context.rows) lanes.emplace_back(&context, &row);
    }
    return lanes;
}

nb::dict image_frames(const View& view) {
    nb::dict frames;
    const std::size_t first = model::start_frames(view.file.trace);
    const std::vector<model::FrameImage>& images = view.file.trace.frame_images;
    for (std::size_t i = 0; i < images.size(); ++i) {
        if (images[i].set == 0 && images[i].frame >= first) frames[nb::int_(images[i].frame - first)] = i;
    }
    return frames;
}

nb::list gpu_rows(const View& view) {
    nb::list rows;
    for (const auto& [context, row] : gpu_lanes(view)) {
        const nb::object thread = row->thread == model::kNoThread ? nb::none() : nb::object(nb::int_(row->thread));
        rows.append(
            nb::make_tuple(decoded(view.file.trace.strings.at(context->name)), thread, context->rows.size() == 1));
    }
    return rows;
}

nb::tuple look_at_gpu(const View& view, std::size_t lane, std::uint32_t row, std::uint32_t zone) {
    const auto lanes = gpu_lanes(view);
    if (lane >= lanes.size()) throw nb::index_error("the trace has no such lane");
    std::uint32_t before = zone;  // in the row
    for (const model::GpuZone& found : lanes[lane].second->zones) {
        if (found.depth != row || before-- != 0) continue;
        return nb::make_tuple(found.begin_ns, found.end_ns, found.gpu_begin_ns, found.gpu_end_ns, found.callstack);
    }
    throw nb::index_error("the trace has no such zone");
}

nb::list functions(const View& view) {
    nb::list rows;
    const std::vector<analysis::FunctionSum>& sums = view.timeline.functions();
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (sums[i].calls == 0) continue;
        rows.append(nb::make_tuple(i, sums[i].calls, sums[i].primitive_calls, sums[i].total_ns, sums[i].self_ns,
                                   sums[i].min_ns, sums[i].max_ns, sums[i].sum / static_cast<double>(sums[i].calls)));
    }
    return rows;
}

nb::list steps(const View& view, std::size_t location) {
    nb::list rows;
    const std::vector<analysis::FunctionSum>& sums = view.timeline.functions();
    if (location >= sums.size()) throw nb::index_error("the trace has no such entry");
    if (!sums[location].steps) return rows;
    for (std::size_t i = 0; i < analysis::TimeScaleSteps::kCount; ++i) {
        const std::uint32_t count = (*sums[location].steps)[i];
        if (count != 0) rows.append(nb::make_tuple(analysis::TimeScaleSteps::start(i), count));
    }
    return rows;
}

nb::list functions_in(const View& view, const std::vector<std::uint32_t>& lanes, std::int64_t from_ns,
                      std::int64_t to_ns) {
    std::vector<analysis::FunctionShare> shares;
    {
        const cpython::GilReleased released;
        shares = analysis::functions_in(view.timeline, lanes, from_ns, to_ns);
    }
    nb::list rows;
    for (const analysis::FunctionShare& share : shares) {
        rows.append(nb::make_tuple(share.location, share.calls, share.total_ns, share.self_ns));
    }
    return rows;
}

nb::tuple tree_in(const View& view, const std::vector<std::uint32_t>& lanes, std::int64_t from_ns, std::int64_t to_ns) {
    analysis::CallTree tree;
    {
        const cpython::GilReleased released;
        tree = analysis::tree_in(view.timeline, lanes, from_ns, to_ns);
    }
    return nb::make_tuple(kept(std::move(tree.parent)), kept(std::move(tree.location)), kept(std::move(tree.calls)),
                          kept(std::move(tree.total_ns)), kept(std::move(tree.self_ns)));
}

nb::tuple packed(const View& view, std::size_t lane, std::int64_t least_ns) {
    analysis::PackedLane packed;
    {
        const cpython::GilReleased released;
        packed = analysis::packed(view.timeline.lane(lane), view.timeline.is_nested(lane), least_ns);
    }
    return nb::make_tuple(packed.kept, nb::bytes(packed.bytes.data(), packed.bytes.size()), packed.extras);
}

nb::list lanes(const View& view) {
    nb::list all;
    for (const analysis::Lane& lane : view.timeline.lanes()) {
        nb::list rows;
        for (const analysis::Row& row : lane) rows.append(row.size());
        all.append(rows);
    }
    return all;
}

nb::list locks(const View& view) {
    nb::list all;
    for (const model::Lock& lock : view.file.trace.locks) {
        all.append(nb::make_tuple(lock.location, decoded(view.file.trace.strings.at(lock.name)), lock.threads));
    }
    return all;
}

}  // namespace

void bind_timeline(nb::module_& module) {
    using Sig = nb::sig;
    nb::class_<View> view(module, "Timeline", "A trace file as a timeline is drawn; any thread may look.");
    view.def_prop_ro(
            "file", [](const View& view) -> const tracefile::ReadResult& { return view.file; }, "All but the zones.")
        .def_prop_ro("lanes", &lanes, nb::for_getter(Sig("def lanes(self) -> list[list[int]]")),
                     "How many zones each row of each lane has: threads, sets of frames, locks, rows of GPUs, "
                     "sections,\nsamples of threads.")
        .def_prop_ro(
            "mended", [](const View& view) { return view.timeline.mended(); },
            "How many zones had times that were out of order.")
        .def_prop_ro(
            "memory_bytes", [](const View& view) { return view.timeline.memory_bytes(); }, "What the zones take.")
        .def_prop_ro(
            "curves",
            [](const View& view) {
                nb::list all;
                for (const analysis::Curve& curve : view.curves) {
                    all.append(nb::make_tuple(curve.size(), curve.lowest(), curve.highest()));
                }
                return all;
            },
            nb::for_getter(Sig("def curves(self) -> list[tuple[int, float, float]]")),
            "Plots, then pools of memory: points, lowest, highest.")
        .def_prop_ro("locks", &locks, nb::for_getter(Sig("def locks(self) -> list[tuple[int, str, list[int]]]")),
                     "Location, name, which is empty where it has none, and ids of threads of each lock.")
        .def("draw", &draw, "lane"_a, "first_row"_a, "last_row"_a, "from_ns"_a, "to_ns"_a, "pixel_ns"_a,
             Sig("def draw(self, lane: int, first_row: int, last_row: int, from_ns: int, to_ns: int, pixel_ns: int) "
                 "-> tuple[list[int], bytes, list[tuple[int, str]]]"),
             "Return how many boxes each row has, the boxes, and the names that zones have of their own.")
        .def("draw_messages", &draw_messages, "from_ns"_a, "to_ns"_a, "pixel_ns"_a, "Return messages as boxes.")
        .def(
            "draw_curve",
            [](const View& view, std::size_t curve, std::int64_t from_ns, std::int64_t to_ns, std::int64_t pixel_ns) {
                check_pixel(pixel_ns);
                return bytes_of(curve_at(view, curve).draw(from_ns, to_ns, pixel_ns));
            },
            "curve"_a, "from_ns"_a, "to_ns"_a, "pixel_ns"_a, "Return the points of a curve, merged by pixels.")
        .def("look", &look, "lane"_a, "row"_a, "zone"_a,
             Sig("def look(self, lane: int, row: int, zone: int) -> tuple[int, int, int, int, int, int, "
                 "tuple[int, int, int] | None, tuple[int, int, int] | None, list[tuple[int, int, int]]]"),
             "Return start, end, location, extra, self time, number of children, parent, first child, and\n"
             "the children by function: location, calls, time.")
        .def("find", &find, "locations"_a, "word"_a, "time_ns"_a, "lane"_a, "row"_a, "zone"_a, "is_forward"_a,
             Sig("def find(self, locations: collections.abc.Sequence[int], word: str, time_ns: int, lane: int, "
                 "row: int, zone: int, is_forward: bool) -> tuple[tuple[int, int, int], int, int, int] | None"),
             "Return place, start, end and location of the next zone of these functions, or with that word in its own "
             "name\nor text; or the one before.")
        .def(
            "count_others",
            [](const View& one, const std::vector<std::uint32_t>& locations, const std::string& word,
               const std::vector<std::uint32_t>& threads) {
                const cpython::GilReleased released;
                return analysis::count_others(one.timeline, wanted_of(one, locations, word), threads);
            },
            "locations"_a, "word"_a, "lanes"_a,
            Sig("def count_others(self, locations: collections.abc.Sequence[int], word: str, lanes: "
                "collections.abc.Sequence[int]) -> int"),
            "Return how many zones `find` finds on these threads for their own name or text alone, and on GPUs.")
        .def_prop_ro("image_frames", &image_frames, nb::for_getter(Sig("def image_frames(self) -> dict[int, int]")),
                     "The images of frames, by the zone of their frame in the lane of the unnamed set.")
        .def_prop_ro("gpu_rows", &gpu_rows,
                     nb::for_getter(Sig("def gpu_rows(self) -> list[tuple[str, int | None, bool]]")),
                     "Of each lane of a GPU the name of its context, its thread, and whether it is alone there.")
        .def("look_at_gpu", &look_at_gpu, "lane"_a, "row"_a, "zone"_a,
             Sig("def look_at_gpu(self, lane: int, row: int, zone: int) -> tuple[int, int, int, int, int]"),
             "Return begin and end by the processor, then by the GPU, -1 for none, and the call stack of a zone in a "
             "lane of\nGPUs, of which the first has the number 0.")
        .def("functions", &functions,
             Sig("def functions(self) -> list[tuple[int, int, int, int, int, int, int, float]]"),
             "Return location, calls, outermost calls, total, self, minimum, maximum and mean of each function.")
        .def("steps", &steps, "location"_a, Sig("def steps(self, location: int) -> list[tuple[int, int]]"),
             "Return how long the calls of a function took: where a step of the scale begins, and how many.")
        .def("functions_in", &functions_in, "lanes"_a, "from_ns"_a, "to_ns"_a,
             Sig("def functions_in(self, lanes: collections.abc.Sequence[int], from_ns: int, to_ns: int) "
                 "-> list[tuple[int, int, int, int]]"),
             "Return location, calls, total and self time of each function in a span, most self time first.");
    view.def("tree_in", &tree_in, "lanes"_a, "from_ns"_a, "to_ns"_a,
             Sig("def tree_in(self, lanes: collections.abc.Sequence[int], from_ns: int, to_ns: int) "
                 "-> tuple[memoryview[int], memoryview[int], memoryview[int], memoryview[int], memoryview[int]]"),
             "Return the calls in a span merged by path: parent, location, calls, total and self time of each node.");
    view.def("packed", &packed, "lane"_a, "least_ns"_a,
             Sig("def packed(self, lane: int, least_ns: int) -> tuple[int, bytes, list[int]]"),
             "Return how many zones of a lane took so long, these as bytes, and the extras that they refer to.")
        .def(
            "least_duration",
            [](const View& one, std::uint64_t most_zones) {
                return analysis::least_duration(one.timeline, most_zones);
            },
            "most_zones"_a, "Return from which duration on there are no more zones than that; 0 for all.");
    view.def("write_index", &write_index, "path"_a, Sig("def write_index(self, path: str | os.PathLike[str]) -> bool"),
             "Write all of it to a file, for `read_timeline_index`; False, and nothing, if that cannot be.\n\n"
             "Raises:\n    OSError: It cannot be written.");
    module.def("read_timeline_index", &read_index, "path"_a, nb::rv_policy::take_ownership,
               Sig("def read_timeline_index(path: str | os.PathLike[str]) -> Timeline | None"),
               "Read what `Timeline.write_index` has written; None if it is damaged, or another version's.\n\n"
               "Raises:\n    OSError: The file cannot be opened or read.");
    module.def("read_timeline", &read_timeline, "path"_a, nb::rv_policy::take_ownership,
               Sig("def read_timeline(path: str | os.PathLike[str]) -> Timeline"),
               "Read a trace file as a timeline.\n\n"
               "Raises:\n    OSError: The file cannot be opened or read.\n"
               "    ValueError: It is damaged, foreign, or of a release that is not read.");
}

}  // namespace tracypy::bindings
