// What functions.hpp and call_tree.hpp say, added up while a trace is read: its zones are not kept.
//
// Where a zone lies in parts, or on a fiber, whose runs a file tells later, that cannot be done: then it throws
// NeedsTables, and the trace has to be read whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "analysis/call_tree.hpp"
#include "analysis/durations.hpp"
#include "analysis/functions.hpp"
#include "analysis/pair_numbers.hpp"
#include "model/zone_sink.hpp"

namespace tracypy::analysis {

struct NeedsTables {};

/// Sums by function. One thread.
class FunctionTally {
public:
    explicit FunctionTally(std::size_t locations) : sums_(locations), running_(locations, 0) {}

    void begin(model::LocationIndex location) {
        ++sums_[location].calls;
        if (running_[location]++ == 0) ++sums_[location].primitive_calls;
    }
    void end(model::LocationIndex location, std::int64_t duration_ns, std::int64_t self_ns);
    /// Most self time first.
    std::vector<FunctionStats> stats();

private:
    struct Sum {
        std::uint64_t calls = 0;
        std::uint64_t primitive_calls = 0;
        std::int64_t total_ns = 0;
        std::int64_t self_ns = 0;
        Durations durations;
    };
    std::vector<Sum> sums_;
    std::vector<std::uint32_t> running_;  // calls of it that are open now
};

class StreamedSums final : public model::ZoneSink {
public:
    struct Wanted {
        bool functions = false;
        bool of_threads = false;  // functions of each thread, too
        bool trees = false;       // a tree of each thread
    };
    struct ThreadSums {
        std::uint64_t zones = 0;
        std::int64_t busy_ns = 0;
        std::unique_ptr<FunctionTally> functions;
        CallTree tree;
    };

    explicit StreamedSums(Wanted wanted) : wanted_(wanted) {}

    void start(const model::Trace& trace) override;
    void start_thread(std::size_t index) override;
    void begin(model::LocationIndex location, std::int64_t start_ns, std::uint32_t extra,
               std::uint32_t children) override;
    void end(std::int64_t end_ns) override;

    const std::vector<ThreadSums>& threads() const noexcept { return threads_; }
    /// Of one thread, or of all; none where they were not wanted.
    std::vector<FunctionStats> functions(std::optional<std::size_t> thread);

private:
    struct Open {
        std::int64_t start_ns;
        std::int64_t children_ns;
        model::LocationIndex location;
        std::uint32_t node;  // of the tree
    };

    std::uint32_t node_of(model::LocationIndex location);

    Wanted wanted_;
    const model::Trace* trace_ = nullptr;
    std::int64_t trace_end_ns_ = 0;
    std::vector<ThreadSums> threads_;
    std::unique_ptr<FunctionTally> all_;
    std::vector<Open> open_;
    std::unique_ptr<PairNumbers> nodes_;  // of the parent's number plus one, and the location
};

}  // namespace tracypy::analysis
