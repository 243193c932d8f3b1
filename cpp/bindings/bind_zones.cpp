#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "bindings/bind.hpp"
#include "bindings/call_tree_rows.hpp"
#include "bindings/interruptible_file.hpp"
#include "bindings/trace_rows.hpp"
#include "bindings/zone_supply.hpp"
#include "cpython/gil.hpp"
#include "io/file_stream.hpp"
#include "model/excerpt.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/streamed_zones.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using tracefile::ReadResult;

/// A trace without its zones, and how to read them once more.
struct Streamed {
    explicit Streamed(const std::filesystem::path& path, const model::Excerpt& excerpt) : source(path), plan(excerpt) {}

    const tracefile::ZonePlan::ThreadPlan& thread(std::size_t index) const {
        if (index >= plan.threads().size()) throw nb::index_error("the trace has no such thread");
        return plan.threads()[index];
    }

    io::FileSource source;  // of which others make their own
    tracefile::ZonePlan plan;
    ReadResult file;
    std::unique_ptr<model::ZoneSupply> of_trees;  // goes on where the tree before has ended
    std::mutex trees;                             // who has it may use that
};

Streamed* read_streamed(const std::filesystem::path& path, std::int64_t from_ns, std::int64_t until_ns,
                        std::int64_t least_ns) {
    const model::Excerpt excerpt{from_ns, until_ns, least_ns};
    auto streamed = std::make_unique<Streamed>(path, excerpt);
    streamed->file = read_interruptibly(path, [&](io::ByteSource& source) {
        ReadResult file = tracefile::read_trace(source, &streamed->plan);
        streamed->plan.finish();
        model::cut(file.trace, excerpt);
        return file;
    });
    return streamed.release();
}

/// With a file of its own.
class ZonesFromFile final : public model::ZoneSupply {
public:
    explicit ZonesFromFile(const Streamed& streamed)
        : source_(streamed.source.again()), zones_(*source_, streamed.file.lists, streamed.plan) {}

    void start(std::size_t thread, bool with_children) override { zones_.start(thread, with_children); }
    Batch more() override { return zones_.more(); }

private:
    std::unique_ptr<io::FileSource> source_;
    tracefile::StreamedZones zones_;
};

CallTreeRows streamed_tree(Streamed& streamed, std::optional<std::size_t> thread) {
    analysis::CallTree tree;
    {
        const cpython::GilReleased released;
        const std::lock_guard lock(streamed.trees);
        if (!streamed.of_trees) streamed.of_trees = std::make_unique<ZonesFromFile>(streamed);
        tree = analysis::call_tree(streamed.file.trace, *streamed.of_trees, thread);
    }
    return rows_of(std::move(tree));
}

void start(ZonesOfFile& supply, std::size_t thread, bool with_children) {
    if (thread >= supply.file.trace.threads.size()) throw nb::index_error("the trace has no such thread");
    supply.start(thread, with_children);
}

nb::list rows(ZonesOfFile& supply, nb::type_object row, std::size_t most) {
    const ZoneRows made(supply.file, row);
    nb::list rows;
    for (const model::Zone& zone : supply.take(most).zones) rows.append(made.of(zone));
    return rows;
}

nb::list timed_rows(ZonesOfFile& supply, nb::type_object row, std::size_t most) {
    const ZoneRows made(supply.file, row);
    const model::ZoneSupply::Batch batch = supply.take(most);
    nb::list rows;
    for (std::size_t i = 0; i < batch.children_ns.size(); ++i) {
        rows.append(nb::make_tuple(made.of(batch.zones[i]), batch.children_ns[i]));
    }
    return rows;
}

template <typename Row>
nb::bytes bytes_of(std::span<const Row> rows) {
    return nb::bytes(reinterpret_cast<const char*>(rows.data()), rows.size_bytes());
}

nb::tuple columns(ZonesOfFile& supply, std::size_t most) {
    const model::ZoneSupply::Batch batch = supply.take(most);
    return nb::make_tuple(bytes_of(batch.zones), bytes_of(batch.children_ns));
}

void bind_supply(nb::module_& module) {
    nb::class_<ZonesOfFile>(module, "ZoneSupply",
                            "The zones of a trace, thread by thread, in the order in which they began.")
        .def("start", &start, nb::lock_self(), "thread"_a, "with_children"_a = false,
             "Go to a thread. `with_children`: the times of direct children are asked for, too.")
        .def("rows", &rows, nb::lock_self(), "row"_a, "most"_a,
             nb::sig("def rows[Row: tuple[object, ...]](self, row: type[Row], most: int) -> list[Row]"),
             "Return the next zones of the thread, up to `most` of them, as TraceFile.zone_rows; [] when there are no "
             "more.")
        .def("timed_rows", &timed_rows, nb::lock_self(), "row"_a, "most"_a,
             nb::sig("def timed_rows[Row: tuple[object, ...]](self, row: type[Row], most: int) -> "
                     "list[tuple[Row, int]]"),
             "The same, each with the time in its direct children.")
        .def("columns", &columns, nb::lock_self(), "most"_a,
             nb::sig("def columns(self, most: int) -> tuple[bytes, bytes]"),
             "The same as rows of ZONE_LAYOUT, and the times of direct children as int64.");
    module.def(
        "zones_of",
        [](const ReadResult& file) { return new ZonesOfFile{file, std::make_unique<model::TableSupply>(file.trace)}; },
        "file"_a, nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(), "Return the zones of a file in memory.");
}

}  // namespace

void bind_zones(nb::module_& module) {
    bind_supply(module);
    nb::class_<Streamed>(module, "StreamedFile", "A trace file whose zones are read once more when they are wanted.")
        .def_prop_ro(
            "file", [](const Streamed& streamed) -> const ReadResult& { return streamed.file; }, "All but the zones.")
        .def(
            "zone_count", [](const Streamed& streamed, std::size_t thread) { return streamed.thread(thread).wanted; },
            "thread"_a, "Return how many zones a thread has.")
        .def(
            "calls", [](const Streamed& streamed, std::size_t thread) { return streamed.thread(thread).calls; },
            "thread"_a, "Return the locations of a thread's zones, each with how many there are.")
        .def(
            "zones",
            [](const Streamed& streamed) {
                return new ZonesOfFile{streamed.file, std::make_unique<ZonesFromFile>(streamed)};
            },
            nb::rv_policy::take_ownership, nb::keep_alive<0, 1>(), "Return the zones, which it opens the file for.")
        .def("call_tree", &streamed_tree, "thread"_a.none(),
             "Return the calls of a thread, or of all, merged by path.");
    module.def("read_streamed", &read_streamed, "path"_a, "from_ns"_a, "until_ns"_a, "least_ns"_a,
               nb::rv_policy::take_ownership,
               nb::sig("def read_streamed(path: str | os.PathLike[str], from_ns: int, until_ns: int, least_ns: int) "
                       "-> StreamedFile"),
               "Read a trace file, as read_trace does, and only count its zones.\n\n"
               "Raises:\n    OSError: The file cannot be opened or read.\n"
               "    ValueError: It is damaged, foreign, or of a release that is not read.");
}

}  // namespace tracypy::bindings
