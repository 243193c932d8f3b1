#include "drivers/live_sums.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>

#include "base/continued.hpp"
#include "base/inlined.hpp"

namespace tracypy::drivers {
namespace {

/// The place of `name` in a table that gets a new row for one that is not there.
template <typename Row>
Row& row_named(base::StringId name, std::vector<Row>& rows, std::unordered_map<base::StringId, std::size_t>& places) {
    const auto [entry, is_new] = places.try_emplace(name, rows.size());
    if (is_new) rows.emplace_back().name = name;
    return rows[entry->second];
}

/// Whatever a program says its ticks are.
std::int64_t to_ns(base::Ticks ticks, double ns_per_tick) noexcept {
    constexpr double kMost = 9e18;
    return static_cast<std::int64_t>(std::clamp(static_cast<double>(ticks) * ns_per_tick, -kMost, kMost));
}

}  // namespace

/// What happens on one row. Its times never go back, not even those of a fiber's runs.
struct LiveSums::Visitor {
    TRACYPY_INLINED void on(const events::ZoneBegin& zone) {
        ++row->zones;
        ++sums->zones_;
        sums->times_.begin(row->calls, static_cast<model::LocationIndex>(zone.location), at(zone.tick));
    }
    void on(const events::ZoneBeginCallstack& zone) { on(events::without_callstack(zone)); }
    TRACYPY_INLINED void on(const events::ZoneEnd& zone) {
        const std::int64_t duration = sums->times_.end(row->calls, at(zone.tick));
        if (row->calls.depth() == 0) row->busy += duration;
    }
    void on(const events::FiberEnter& run) noexcept { sums->times_.go_on(row->calls, at(run.tick)); }
    void on(const events::FiberLeave& run) noexcept { sums->times_.stop(row->calls, at(run.tick)); }
    void on(const events::Message&) noexcept { ++sums->messages_; }
    template <events::ZoneDetail Event>
    void on(const Event&) noexcept {}
    void dropped() noexcept {}

    base::Ticks at(base::Ticks tick) const noexcept { return row->last = std::max(row->last, tick); }

    LiveSums* sums;
    Row* row;
};

LiveSums::LiveSums(const base::Names& names, std::size_t most_blocks)
    : names_(names), times_([](model::LocationIndex) { return journal::Importing::Nothing; }), blocks_(most_blocks) {}

LiveSums::Row& LiveSums::row_of(base::ThreadId id) {
    const auto [entry, is_new] = rows_by_id_.try_emplace(id, nullptr);
    if (is_new) {
        rows_.push_back(std::make_unique<Row>());
        entry->second = rows_.back().get();
        entry->second->id = id;
    }
    return *entry->second;
}

void LiveSums::thread_batch(const events::ThreadBatch& batch) {
    Row& row = row_of(batch.thread);
    row.has_rested = false;
    Visitor visitor{this, &row};
    row.walk.walk(batch.words, visitor);
}

void LiveSums::take_one(const events::FrameMark& mark) {
    Frames& set = row_named(mark.name, frames_, frames_by_name_);
    if (mark.kind != events::FrameMarkKind::Start) ++set.frames;
}

void LiveSums::take_one(const events::MemoryStep& step) {
    Memory& pool = row_named(step.pool, memory_, memory_by_name_);
    const bool is_taken = blocks_.take(
        step,
        [&] {
            pool.bytes += step.size;
            ++pool.blocks;
            return step.size;
        },
        [&](std::uint64_t, std::uint64_t size) {
            pool.bytes -= size;
            --pool.blocks;
        });
    if (!is_taken && step.action == events::MemoryAction::Allocate && blocks_.is_full()) ++pool.left_out;
}

LivePlot& LiveSums::plot_of(base::StringId name) {
    return row_named(name, plots_, plots_by_name_).sums;
}

void LiveSums::take_one(const events::PlotPoint& point) {
    LivePlot& plot = plot_of(point.plot);
    plot.lowest = plot.points == 0 ? point.value : std::min(plot.lowest, point.value);
    plot.highest = plot.points == 0 ? point.value : std::max(plot.highest, point.value);
    plot.last = point.value;
    ++plot.points;
}

/// Several locations may be one function: a program may have it in several places, and a zone that lies in parts has
/// one for its first and one for the others, which are no calls.
class LiveSums::Functions {
public:
    explicit Functions(const base::Names& names) : names_(names) {}

    void add(model::LocationIndex index, const journal::FunctionTimes::Sums& more) {
        const auto location =
            names_.locations.find(static_cast<base::SourceLocationId>(index)).value_or(base::SourceLocation{});
        const auto text = [this](base::StringId id) { return names_.strings.find(id).text; };
        std::string_view function = text(location.function);
        const bool is_part = base::is_continued(function);
        if (is_part) function.remove_suffix(base::kContinued.size());
        const std::string_view own = text(location.name);
        const Key key{own.empty() ? function : own, function, text(location.file), location.line};
        journal::FunctionTimes::Sums& sums = sums_[key];
        if (!is_part) sums.calls += more.calls;
        journal::FunctionTimes::add(sums.total_ns, more.total_ns);
        journal::FunctionTimes::add(sums.self_ns, more.self_ns);
    }

    std::vector<LiveFunction> take(double ns_per_tick) const {
        std::vector<LiveFunction> functions;
        functions.reserve(sums_.size());
        for (const auto& [key, sums] : sums_) {
            const auto& [name, function, file, line] = key;
            functions.push_back({std::string(name), std::string(file), line, sums.calls,
                                 to_ns(sums.total_ns, ns_per_tick), to_ns(sums.self_ns, ns_per_tick)});
        }
        return functions;
    }

private:
    using Key = std::tuple<std::string_view, std::string_view, std::string_view, std::uint32_t>;

    const base::Names& names_;
    std::map<Key, journal::FunctionTimes::Sums> sums_;
};

LiveSnapshot LiveSums::snapshot(base::Ticks now, double ns_per_tick) {
    using Sums = journal::FunctionTimes::Sums;
    LiveSnapshot taken;
    taken.time_ns = to_ns(now, ns_per_tick);
    taken.zones = zones_;
    taken.messages = messages_;
    std::vector<Sums> sums(times_.locations());
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = times_.sums(static_cast<model::LocationIndex>(i));
    std::vector<std::size_t> met(sums.size(), 0);  // the last row on which a call of it is open
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        Row& row = *rows_[i];
        const auto add_open = [&](model::LocationIndex location, base::Ticks self, base::Ticks all) {
            Sums& sum = sums[location];
            journal::FunctionTimes::add(sum.self_ns, self);
            if (std::exchange(met[location], i + 1) != i + 1) journal::FunctionTimes::add(sum.total_ns, all);
        };
        const base::Ticks open = times_.each_open(row.calls, std::max(now, row.last), add_open);
        taken.threads.push_back(
            {names_.threads.find(row.id), row.is_fiber, row.zones, to_ns(row.busy + open, ns_per_tick)});
        // A thread that is no more, or has nothing to do, takes no room for its calls.
        if (std::exchange(row.has_rested, true) && row.calls.depth() == 0) row.calls = {};
    }
    Functions functions(names_);
    for (std::size_t i = 0; i < sums.size(); ++i) {
        if (sums[i].calls != 0) functions.add(static_cast<model::LocationIndex>(i), sums[i]);
    }
    taken.functions = functions.take(ns_per_tick);
    add_values(taken);
    return taken;
}

void LiveSums::add_values(LiveSnapshot& taken) const {
    for (const Frames& set : frames_) taken.frames.push_back({text_of(set.name), set.frames});
    for (const Memory& pool : memory_) {
        taken.memory.push_back({text_of(pool.name), pool.bytes, pool.blocks, pool.left_out == 0});
    }
    for (const Plot& plot : plots_) {
        taken.plots.push_back(plot.sums);
        taken.plots.back().name = text_of(plot.name);
    }
}

}  // namespace tracypy::drivers
