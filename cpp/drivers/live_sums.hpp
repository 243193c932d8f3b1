// What a program does at this moment, in sums: calls and times by function, threads, frames, memory, plots.
//
// Nothing that has happened is kept. Memory grows with the names and the rows that the program has, with the calls that
// are open, and with its blocks of memory up to a limit.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/names.hpp"
#include "events/event_sink.hpp"
#include "events/live_blocks.hpp"
#include "events/thread_walk.hpp"
#include "journal/function_totals.hpp"

namespace tracypy::drivers {

struct LiveFunction {
    std::string name, file;
    std::uint32_t line = 0;
    std::uint64_t calls = 0;    // that have begun
    std::int64_t total_ns = 0;  // as in FunctionTotals, with the calls that are open, as far as they have come
    std::int64_t self_ns = 0;
};

/// Or a fiber.
struct LiveThread {
    std::string name;
    bool is_fiber = false;
    std::uint64_t zones = 0;
    std::int64_t busy_ns = 0;  // of which some call was open; of a fiber, while it ran
};

struct LiveFrames {
    std::string name;  // empty: the default set
    std::uint64_t frames = 0;
};

struct LiveMemory {
    std::string name;  // empty: the default pool
    std::uint64_t bytes = 0;
    std::uint64_t blocks = 0;
    bool is_whole = true;  // there was room for all its blocks
};

struct LivePlot {
    std::string name;
    events::PlotFormat format = events::PlotFormat::Number;
    std::uint64_t points = 0;
    double last = 0, lowest = 0, highest = 0;
};

/// At one moment. Functions by name; all else in the order in which it was met.
struct LiveSnapshot {
    std::int64_t time_ns = 0;  // of the last event, since the program's start
    std::uint64_t zones = 0;
    std::uint64_t messages = 0;
    std::vector<LiveFunction> functions;
    std::vector<LiveThread> threads;
    std::vector<LiveFrames> frames;
    std::vector<LiveMemory> memory;
    std::vector<LivePlot> plots;
};

/// One thread. `names` must outlive it. Ticks count from the program's start, and are never below 0.
class LiveSums final : public events::UniformSink<LiveSums> {
public:
    /// 64 MB.
    static constexpr std::size_t kMostBlocks = std::size_t{3} << 20;

    explicit LiveSums(const base::Names& names, std::size_t most_blocks = kMostBlocks);

    void thread_batch(const events::ThreadBatch& batch) override;
    template <typename Event>
    void take_any(std::span<const Event> events) {
        for (const Event& event : events) take_one(event);
    }

    /// `now`: until when open calls are counted.
    LiveSnapshot snapshot(base::Ticks now, double ns_per_tick);

private:
    struct Row {
        events::CapturedWalk walk{base::CapturedClock(0)};
        journal::FunctionTimes::Thread calls;
        base::ThreadId id = base::ThreadId::None;
        bool is_fiber = false;
        bool has_rested = true;  // nothing has happened since the last snapshot
        std::uint64_t zones = 0;
        std::int64_t busy = 0;
        base::Ticks last = 0;
    };
    struct Frames {
        base::StringId name;
        std::uint64_t frames = 0;
    };
    struct Memory {
        base::StringId name;
        std::uint64_t bytes = 0, blocks = 0, left_out = 0;
    };
    struct Plot {
        base::StringId name;
        LivePlot sums;
    };
    struct Visitor;
    class Functions;

    template <typename Event>
    void take_one(const Event&) noexcept {}  // tells nothing that is shown
    void take_one(const events::ThreadFacts& facts) { row_of(facts.thread).is_fiber = facts.is_fiber; }
    void take_one(const events::FrameMark& mark);
    void take_one(const events::MemoryStep& step);
    void take_one(const events::PlotPoint& point);
    void take_one(const events::PlotStyle& style) { plot_of(style.plot).format = style.format; }

    Row& row_of(base::ThreadId id);
    LivePlot& plot_of(base::StringId name);
    void add_values(LiveSnapshot& taken) const;
    std::string text_of(base::StringId id) const { return std::string(names_.strings.find(id).text); }

    const base::Names& names_;
    journal::FunctionTimes times_;
    std::vector<std::unique_ptr<Row>> rows_;
    std::unordered_map<base::ThreadId, Row*> rows_by_id_;
    std::vector<Frames> frames_;
    std::unordered_map<base::StringId, std::size_t> frames_by_name_;
    events::LiveBlocks blocks_;  // values: their sizes
    std::vector<Memory> memory_;
    std::unordered_map<base::StringId, std::size_t> memory_by_name_;
    std::vector<Plot> plots_;
    std::unordered_map<base::StringId, std::size_t> plots_by_name_;
    std::uint64_t zones_ = 0;
    std::uint64_t messages_ = 0;
};

}  // namespace tracypy::drivers
