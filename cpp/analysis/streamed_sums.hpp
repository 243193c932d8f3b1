// What functions.hpp, tasks.hpp and call_tree.hpp say, added up while a trace is read: its zones are not kept.
//
// A file tells the end of a zone behind all that lies in it, and the runs of fibers behind all zones. So there are two
// ways. Nearly always sums are added up as zones end, and the time in which fibers ran is added to them from a second
// look at their zones (FiberBusy). Where a zone lies in parts, where what is wanted lies in what is not, and for the
// trees of a part, that cannot be done: then it throws NeedsOrder, and needs the zones in the order in which they
// began, each with its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "analysis/call_tree.hpp"
#include "analysis/function_tally.hpp"
#include "analysis/pair_numbers.hpp"
#include "analysis/tasks.hpp"
#include "analysis/zone_walk.hpp"
#include "model/excerpt.hpp"
#include "model/zone_sink.hpp"
#include "model/zone_supply.hpp"

namespace tracypy::analysis {

struct NeedsOrder {};

class StreamedSums final : public model::ZoneSink {
public:
    struct Wanted {
        bool functions = false;
        bool of_threads = false;  // functions of each thread, too
        bool trees = false;       // a tree of each thread
        model::Excerpt part{};
    };
    struct ThreadSums {
        std::uint64_t zones = 0;
        std::int64_t busy_ns = 0;
        std::unique_ptr<FunctionTally> functions;
        CallTree tree;
    };

    explicit StreamedSums(Wanted wanted) : wanted_(wanted), is_part_(!wanted.part.is_all()) {}

    void start(const model::Trace& trace) override;
    void start_thread(std::size_t index) override;
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
               std::uint32_t children) override;
    void end(std::int64_t end_ns) override;

    /// The same, from zones in their order, of which only the wanted ones are there.
    void add_up(const model::Trace& trace, model::ZoneSupply& zones);

    const std::vector<ThreadSums>& threads() const noexcept { return threads_; }
    /// Of one thread, or of all; none where they were not wanted.
    std::vector<FunctionStats> functions(std::optional<std::size_t> thread);
    std::vector<TaskStats> tasks(const model::Trace& trace) { return tasks_.stats(trace); }

private:
    friend class FiberBusy;

    struct Open {
        std::int64_t start_ns;
        std::int64_t children_ns;
        model::LocationIndex location;
        std::uint32_t node;    // of the tree
        bool has_wanted_ones;  // inside
    };

    std::uint32_t node_of(std::uint32_t above, model::LocationIndex location);
    void start_sums(const model::Trace& trace, bool has_parts);
    std::unique_ptr<FunctionTally> new_tally() const {
        return std::make_unique<FunctionTally>(trace_->locations.size(), has_parts_);
    }
    void start_row(std::size_t index);
    void end_other(const Open& zone);
    /// Tells the tallies of this thread and of all.
    template <typename Use>
    void each_tally(std::size_t thread, Use&& use) {
        if (all_) use(*all_);
        if (threads_[thread].functions) use(*threads_[thread].functions);
    }

    Wanted wanted_;
    bool is_part_;
    const model::Trace* trace_ = nullptr;
    bool has_parts_ = false;
    std::int64_t trace_end_ns_ = 0;
    bool is_fiber_ = false;  // the thread
    std::vector<ThreadSums> threads_;
    std::unique_ptr<FunctionTally> all_;
    TaskTally tasks_;
    std::vector<Open> open_;
    std::unique_ptr<PairNumbers> nodes_;  // of the parent's number plus one, or 0, and the location
};

/// Adds the time to the sums in which fibers ran, from their zones, once their runs are known.
class FiberBusy final : public model::ZoneSink {
public:
    /// `trace` is cut already.
    FiberBusy(const model::Trace& trace, StreamedSums& sums)
        : trace_(trace), sums_(sums), running_(trace.locations.size(), 0) {}

    /// Whether its zones are to be told.
    bool wants(std::size_t thread) const;

    void start(const model::Trace&) override {}
    void start_thread(std::size_t index) override;
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
               std::uint32_t children) override;
    void end(std::int64_t end_ns) override;

private:
    struct Open {
        std::int64_t start_ns;
        model::LocationIndex location;
    };

    const model::Trace& trace_;
    StreamedSums& sums_;
    std::size_t thread_ = 0;
    std::optional<RunTime> run_time_;
    std::vector<Open> open_;
    std::vector<std::uint32_t> running_;
};

}  // namespace tracypy::analysis
