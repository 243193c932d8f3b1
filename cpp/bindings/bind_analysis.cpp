#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include <optional>
#include <vector>

#include "analysis/call_edges.hpp"
#include "analysis/call_tree.hpp"
#include "analysis/comparison.hpp"
#include "analysis/functions.hpp"
#include "analysis/zone_walk.hpp"
#include "bindings/bind.hpp"
#include "cpython/gil.hpp"
#include "tracefile/reader.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace tracypy::bindings {
namespace {

using tracefile::ReadResult;
using Thread = std::optional<std::size_t>;
using Numbers = nb::ndarray<nb::memview, const std::int64_t, nb::ndim<1>, nb::c_contig>;

/// `compute(trace, thread)` while other threads may run Python code.
template <typename Compute>
auto without_gil(Compute compute, const ReadResult& file, Thread thread) {
    const cpython::GilReleased released;
    return compute(file.trace, thread);
}

nb::list function_stats(const ReadResult& file, Thread thread) {
    nb::list rows;
    for (const analysis::FunctionStats& row : without_gil(analysis::function_stats, file, thread)) {
        rows.append(nb::make_tuple(row.location, row.calls, row.primitive_calls, row.total_ns, row.self_ns, row.min_ns,
                                   row.max_ns, row.mean_ns, row.median_ns, row.p95_ns, row.p99_ns, row.std_ns));
    }
    return rows;
}

std::int64_t busy_ns(const ReadResult& file, std::size_t thread) {
    return without_gil(
        [](const model::Trace& trace, Thread one) {
            return analysis::busy_ns(analysis::threads_of(trace, one)[0], trace.info.last_time_ns);
        },
        file, thread);
}

nb::list call_edges(const ReadResult& file, Thread thread) {
    nb::list rows;
    for (const analysis::CallEdge& edge : without_gil(analysis::call_edges, file, thread)) {
        rows.append(
            nb::make_tuple(edge.caller, edge.callee, edge.calls, edge.primitive_calls, edge.total_ns, edge.self_ns));
    }
    return rows;
}

nb::tuple side(const analysis::FunctionStats& stats) {
    return nb::make_tuple(stats.calls, stats.total_ns, stats.self_ns, stats.mean_ns, stats.median_ns);
}

nb::list compare(const ReadResult& before, std::vector<std::uint32_t> before_groups, const ReadResult& after,
                 std::vector<std::uint32_t> after_groups, std::size_t count) {
    std::vector<analysis::Comparison> rows;
    {
        const cpython::GilReleased released;
        rows = analysis::compare(before.trace, {std::move(before_groups), count}, after.trace,
                                 {std::move(after_groups), count});
    }
    nb::list result;
    for (const analysis::Comparison& row : rows) {
        const nb::object test =
            row.test ? nb::object(nb::make_tuple(row.test->p_value, row.test->superiority)) : nb::none();
        result.append(nb::make_tuple(side(row.before), side(row.after), test));
    }
    return result;
}

/// A table that lives as long as whoever looks at it.
nb::object kept(std::vector<std::int64_t>&& values) {
    if (values.empty()) values.reserve(1);  // an empty vector has no address, and views want one
    auto* const table = new std::vector<std::int64_t>(std::move(values));
    const nb::capsule owner(table,
                            [](void* pointer) noexcept { delete static_cast<std::vector<std::int64_t>*>(pointer); });
    return nb::cast(Numbers(table->data(), {table->size()}, owner));
}

nb::tuple call_tree(const ReadResult& file, Thread thread) {
    analysis::CallTree tree = without_gil(analysis::call_tree, file, thread);
    return nb::make_tuple(kept(std::move(tree.parent)), kept(std::move(tree.location)), kept(std::move(tree.calls)),
                          kept(std::move(tree.total_ns)), kept(std::move(tree.self_ns)));
}

}  // namespace

void bind_analysis(nb::module_& module) {
    module.def(
        "function_stats", &function_stats, "file"_a, "thread"_a.none(),
        nb::sig("def function_stats(file: TraceFile, thread: int | None) -> list[tuple[int, int, int, int, int, "
                "int, int, float, float, float, float, float]]"),
        "Location, calls, primitive calls, total, self, least, most, mean, median, p95, p99 and standard deviation\n"
        "of each function, in nanoseconds; most self time first.");
    module.def("busy_ns", &busy_ns, "file"_a, "thread"_a, "How long some zone was open on the thread.");
    module.def("call_edges", &call_edges, "file"_a, "thread"_a.none(),
               nb::sig("def call_edges(file: TraceFile, thread: int | None) -> list[tuple[int | None, int, int, int, "
                       "int, int]]"),
               "Locations of caller and callee, calls, primitive calls, total and self time.");
    module.def("compare", &compare, "before"_a, "before_groups"_a, "after"_a, "after_groups"_a, "count"_a,
               nb::sig("def compare(before: TraceFile, before_groups: collections.abc.Sequence[int], after: TraceFile, "
                       "after_groups: collections.abc.Sequence[int], count: int) -> list[tuple[tuple[int, int, int, "
                       "float, float], tuple[int, int, int, float, float], tuple[float, float] | None]]"),
               "Calls, total, self, mean and median of `count` functions before and after, and p-value and\n"
               "superiority of the rank sum test where there are enough calls. The groups say which function each\n"
               "location belongs to.\n\n"
               "Raises:\n    ValueError: A location has no group below `count`.");
    module.def("call_tree", &call_tree, "file"_a, "thread"_a.none(),
               nb::sig("def call_tree(file: TraceFile, thread: int | None) -> tuple[memoryview[int], memoryview[int], "
                       "memoryview[int], memoryview[int], memoryview[int]]"),
               "Parent (-1 at the top), location, calls, total and self time of each node; parents first.");
}

}  // namespace tracypy::bindings
