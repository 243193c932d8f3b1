#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "analysis/call_edges.hpp"
#include "analysis/call_tree.hpp"
#include "analysis/comparison.hpp"
#include "analysis/functions.hpp"
#include "analysis/streamed_sums.hpp"
#include "analysis/tasks.hpp"
#include "analysis/zone_walk.hpp"
#include "bindings/bind.hpp"
#include "bindings/call_tree_rows.hpp"
#include "bindings/decoded.hpp"
#include "bindings/interruptible_file.hpp"
#include "cpython/gil.hpp"
#include "model/excerpt.hpp"
#include "tracefile/file_block_reader.hpp"
#include "tracefile/reader.hpp"
#include "tracefile/streamed_zones.hpp"
#include "tracefile/zone_stream.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using tracefile::ReadResult;
using Thread = std::optional<std::size_t>;

/// `compute(trace, thread)` while other threads may run Python code.
template <typename Compute>
auto without_gil(Compute compute, const ReadResult& file, Thread thread) {
    const cpython::GilReleased released;
    return compute(file.trace, thread);
}

std::vector<analysis::FunctionStats> function_stats(const ReadResult& file, Thread thread) {
    return without_gil(analysis::function_stats, file, thread);
}

std::int64_t busy_ns(const ReadResult& file, std::size_t thread) {
    return without_gil(
        [](const model::Trace& trace, Thread one) {
            return analysis::busy_ns(analysis::threads_of(trace, one)[0], trace.info.last_time_ns);
        },
        file, thread);
}

std::vector<analysis::CallEdge> call_edges(const ReadResult& file, Thread thread) {
    return without_gil(analysis::call_edges, file, thread);
}

std::vector<analysis::Comparison> compare(const ReadResult& before, std::vector<std::uint32_t> before_groups,
                                          const ReadResult& after, std::vector<std::uint32_t> after_groups,
                                          std::size_t count) {
    const cpython::GilReleased released;
    return analysis::compare(before.trace, {std::move(before_groups), count}, after.trace,
                             {std::move(after_groups), count});
}

CallTreeRows call_tree(const ReadResult& file, Thread thread) {
    return rows_of(without_gil([](const model::Trace& trace, Thread one) { return analysis::call_tree(trace, one); },
                               file, thread));
}

/// A trace without its zones, and what they add up to.
struct Summed {
    ReadResult file;
    analysis::StreamedSums sums;
};

/// Looks at the zones of fibers once more.
void add_busy_of_fibers(io::SeekableSource& source, const ReadResult& file, analysis::StreamedSums& sums) {
    analysis::FiberBusy busy(file.trace, sums);
    std::optional<tracefile::FileBlockReader> reader;
    for (std::size_t i = 0; i < file.trace.threads.size(); ++i) {
        if (!busy.wants(i)) continue;
        if (!reader) {
            source.seek(0);
            reader.emplace(source);
        }
        reader->skip(file.lists.offsets.at(i) - reader->position());
        busy.start_thread(i);
        tracefile::read_zones(*reader, file.lists.locations(), file.lists.extra_count, busy);
    }
}

/// Reads all zones twice.
void add_up_in_order(io::SeekableSource& source, const model::Excerpt& part, Summed& summed) {
    tracefile::ZonePlan plan(part);
    source.seek(0);
    summed.file = tracefile::read_trace(source, &plan);
    plan.finish();
    model::cut(summed.file.trace, part);
    tracefile::StreamedZones zones(source, summed.file.lists, plan);
    summed.sums.add_up(summed.file.trace, zones);
}

Summed* read_summed(const std::filesystem::path& path, bool functions, bool of_threads, bool trees,
                    std::int64_t from_ns, std::int64_t until_ns, std::int64_t least_ns) {
    const model::Excerpt part{from_ns, until_ns, least_ns};
    auto summed = std::unique_ptr<Summed>(new Summed{{}, analysis::StreamedSums({functions, of_threads, trees, part})});
    const auto read = [&](io::SeekableSource& source) {
        try {
            summed->file = tracefile::read_trace(source, &summed->sums);
            model::cut(summed->file.trace, part);
            if (functions) add_busy_of_fibers(source, summed->file, summed->sums);
        } catch (const analysis::NeedsOrder&) {
            add_up_in_order(source, part, *summed);
        }
    };
    read_interruptibly(path, read);
    return summed.release();
}

const analysis::StreamedSums::ThreadSums& thread_sums(const Summed& summed, std::size_t thread) {
    if (thread >= summed.sums.threads().size()) throw nb::index_error("the trace has no such thread");
    return summed.sums.threads()[thread];
}

CallTreeRows tree_of_thread(const Summed& summed, std::size_t thread) {
    return rows_of(thread_sums(summed, thread).tree);
}

/// As Python's `TaskStats` takes them.
nb::list task_rows(const std::vector<analysis::TaskStats>& stats) {
    nb::list rows;
    for (const analysis::TaskStats& task : stats) {
        rows.append(nb::make_tuple(decoded(task.name), task.count, task.busy_ns, task.latency_ns, task.mean_ns,
                                   task.median_ns, task.p95_ns, task.max_ns));
    }
    return rows;
}

void bind_summed(nb::module_& module) {
    nb::class_<Summed>(module, "SummedFile", "A trace file whose zones were added up while it was read, and not kept.")
        .def_prop_ro(
            "file", [](const Summed& summed) -> const ReadResult& { return summed.file; }, "All but the zones.")
        .def(
            "zone_count", [](const Summed& summed, std::size_t thread) { return thread_sums(summed, thread).zones; },
            "thread"_a, "Return how many zones a thread has.")
        .def(
            "busy_ns", [](const Summed& summed, std::size_t thread) { return thread_sums(summed, thread).busy_ns; },
            "thread"_a, "Return how long some zone was open on the thread.")
        .def(
            "function_stats", [](Summed& summed, Thread thread) { return summed.sums.functions(thread); },
            nb::lock_self(), "thread"_a.none(), "As the function of that name; nothing that was not asked for.")
        .def(
            "task_stats", [](Summed& summed) { return task_rows(summed.sums.tasks(summed.file.trace)); },
            nb::lock_self(),
            nb::sig("def task_stats(self) -> list[tuple[str, int, int, int, float, float, float, int]]"),
            "As the function of that name.")
        .def("call_tree", &tree_of_thread, "thread"_a, "Return the calls of a thread merged by path.");
    module.def("read_summed", &read_summed, "path"_a, "functions"_a, "of_threads"_a, "trees"_a, "from_ns"_a,
               "until_ns"_a, "least_ns"_a, nb::rv_policy::take_ownership,
               nb::sig("def read_summed(path: str | os.PathLike[str], functions: bool, of_threads: bool, trees: bool, "
                       "from_ns: int, until_ns: int, least_ns: int) -> SummedFile"),
               "Read a trace file, as read_trace does, and only add up its zones.\n\n"
               "Raises:\n    OSError: The file cannot be opened or read.\n"
               "    ValueError: It is damaged, foreign, or of a release that is not read.");
}

void bind_rows(nb::module_& module) {
    using analysis::FunctionStats;
    nb::class_<FunctionStats>(module, "FunctionRow", "What one function, or a group of locations, cost.")
        .def_ro("location", &FunctionStats::location, "Its location, or the number of its group.")
        .def_ro("calls", &FunctionStats::calls, "Number of calls.")
        .def_ro("primitive_calls", &FunctionStats::primitive_calls, "Number of outermost calls.")
        .def_ro("total_ns", &FunctionStats::total_ns, "Time with what was called.")
        .def_ro("busy_ns", &FunctionStats::busy_ns, "Time of that in which its row ran.")
        .def_ro("self_ns", &FunctionStats::self_ns, "Time without the direct children's.")
        .def_ro("min_ns", &FunctionStats::min_ns, "Shortest call.")
        .def_ro("max_ns", &FunctionStats::max_ns, "Longest call.")
        .def_ro("mean_ns", &FunctionStats::mean_ns, "Mean call.")
        .def_ro("median_ns", &FunctionStats::median_ns, "Median call.")
        .def_ro("p95_ns", &FunctionStats::p95_ns, "What 95 of 100 calls do not exceed.")
        .def_ro("p99_ns", &FunctionStats::p99_ns, "What 99 of 100 calls do not exceed.")
        .def_ro("std_ns", &FunctionStats::std_ns, "Standard deviation of a sample.");
    using analysis::CallEdge;
    nb::class_<CallEdge>(module, "EdgeRow", "All calls of one function by another.")
        .def_ro("caller", &CallEdge::caller, "Location of the caller; None at the top of a thread.")
        .def_ro("callee", &CallEdge::callee, "Location of what was called.")
        .def_ro("calls", &CallEdge::calls, "Number of calls.")
        .def_ro("primitive_calls", &CallEdge::primitive_calls, "Number of outermost calls.")
        .def_ro("total_ns", &CallEdge::total_ns, "Time of the outermost calls.")
        .def_ro("self_ns", &CallEdge::self_ns, "Time of all calls, without their direct children's.");
    using analysis::RankSum;
    nb::class_<RankSum>(module, "RankSum", "What the rank sum test of Wilcoxon, Mann and Whitney says of two samples.")
        .def_ro("p_value", &RankSum::p_value, "Chance of so large a difference if there is none.")
        .def_ro("superiority", &RankSum::superiority, "Chance that one of the second sample is the larger.");
    using analysis::Comparison;
    nb::class_<Comparison>(module, "ComparisonRow", "One function in two recordings.")
        .def_ro("before", &Comparison::before, "What it cost in the first.")
        .def_ro("after", &Comparison::after, "What it cost in the second.")
        .def_ro("test", &Comparison::test, "Test of the durations; None with too few calls.");
}

void bind_call_tree(nb::module_& module) {
    nb::class_<CallTreeRows>(module, "CallTreeRows", "Calls merged by path: tables with an entry for each node.")
        .def_ro("parent", &CallTreeRows::parent, nb::for_getter(nb::sig("def parent(self) -> memoryview[int]")),
                "Node above, which comes before; -1 at the top.")
        .def_ro("location", &CallTreeRows::location, nb::for_getter(nb::sig("def location(self) -> memoryview[int]")),
                "Source location.")
        .def_ro("calls", &CallTreeRows::calls, nb::for_getter(nb::sig("def calls(self) -> memoryview[int]")),
                "Number of calls by this path.")
        .def_ro("total_ns", &CallTreeRows::total_ns, nb::for_getter(nb::sig("def total_ns(self) -> memoryview[int]")),
                "Time with what was called.")
        .def_ro("self_ns", &CallTreeRows::self_ns, nb::for_getter(nb::sig("def self_ns(self) -> memoryview[int]")),
                "Time without the direct children's.");
    module.def("call_tree", &call_tree, "file"_a, "thread"_a.none(),
               "Merge the calls of a thread, or of all, by path.");
}

}  // namespace

void bind_analysis(nb::module_& module) {
    bind_rows(module);
    bind_call_tree(module);
    bind_summed(module);
    module.def("function_stats", &function_stats, "file"_a, "thread"_a.none(),
               "Return what each function cost on a thread, or on all; most self time first.");
    module.def(
        "task_stats",
        [](const ReadResult& file) {
            return task_rows(without_gil([](const model::Trace& trace, Thread) { return analysis::task_stats(trace); },
                                         file, std::nullopt));
        },
        "file"_a,
        nb::sig("def task_stats(file: TraceFile) -> list[tuple[str, int, int, int, float, float, float, int]]"),
        "Return what the tasks of each name cost, the busiest first.");
    module.def("busy_ns", &busy_ns, "file"_a, "thread"_a, "Return how long some zone was open on the thread.");
    module.def("call_edges", &call_edges, "file"_a, "thread"_a.none(),
               "Return which function called which, in the order in which they first did.");
    module.def(
        "compare", &compare, "before"_a, "before_groups"_a, "after"_a, "after_groups"_a, "count"_a,
        "Compare `count` functions in two recordings. The groups say which function each location belongs to.\n\n"
        "Raises:\n    ValueError: A location has no group below `count`.");
}

}  // namespace tracypy::bindings
