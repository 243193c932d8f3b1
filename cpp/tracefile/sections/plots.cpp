// Curves of numbers over time.
#include <algorithm>
#include <limits>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// Points are in the order of time. Files before may have any order, and viewers sort them.
constexpr Version kInOrder{0, 13, 3};

void write_plot(Output& file, const model::Plot& plot) {
    double least = std::numeric_limits<double>::max();
    double most = std::numeric_limits<double>::lowest();
    double sum = 0;
    for (const model::PlotPoint& point : plot.points) {
        least = std::min(least, point.value);
        most = std::max(most, point.value);
        sum += point.value;
    }
    file.put(plot.kind);
    file.put(plot.format);
    file.flag(plot.shows_steps);
    file.flag(plot.is_filled);
    file.put(swap_red_blue(plot.color));
    file.pointer(plot.name);
    file.put(least);
    file.put(most);
    file.put(sum);
    file.count(plot.points.size());
    std::int64_t reference = 0;
    for (const model::PlotPoint& point : plot.points) {
        file.time(reference, point.time_ns);
        file.put(point.value);
    }
}

void write_plots(Output& file) {
    file.count(file.trace.plots.size());
    for (const model::Plot& plot : file.trace.plots) write_plot(file, plot);
}

void read_plot(Input& file, model::Plot& plot) {
    plot.kind = file.get<model::Plot::Kind>();
    plot.format = file.get<model::Plot::Format>();
    plot.shows_steps = file.flag();
    plot.is_filled = file.flag();
    plot.color = swap_red_blue(file.get<std::uint32_t>());
    plot.name = file.pointer();
    file.in.skip(3 * 8);  // least, most, sum
    const std::uint64_t points = file.count();
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < points; ++i) {
        const std::int64_t at = file.time(reference);
        plot.points.push_back({at, file.get<double>()});
    }
    if (!file.since(kInOrder)) std::ranges::stable_sort(plot.points, {}, &model::PlotPoint::time_ns);
}

void read_plots(Input& file) {
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) read_plot(file, file.trace().plots.emplace_back());
}

}  // namespace

const Section kPlots{.write = write_plots, .read = read_plots};

}  // namespace tracypy::tracefile::sections
