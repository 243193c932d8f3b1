// Self and total time of every function, from zones as they begin and end.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/trace.hpp"

namespace tracypy::journal {

/// Of one source location.
struct FunctionTotals {
    std::string name, file;
    std::uint32_t line = 0;
    std::uint64_t calls = 0;
    std::int64_t total_ns = 0;  // a recursive function counts once for each outermost call
    std::int64_t self_ns = 0;   // without the direct children of each call
    bool is_import = false;     // it only ran while modules were imported
};

/// What a location has to do with imports.
enum class Importing : std::uint8_t {
    Nothing,
    Machinery,  // what CPython runs between an import and the code of the module
    Module,     // that code
};
/// By a location's file and name, as the code table gives it: "import asyncio.locks" (cpython/code_table.cpp).
Importing importing_of(std::string_view file, std::string_view function, std::string_view name) noexcept;

/// Any number of threads, each with as many ends as begins.
class FunctionTimes {
public:
    /// Asked when a location is called for the first time.
    using FindImporting = std::function<Importing(model::LocationIndex)>;

    explicit FunctionTimes(FindImporting find) : find_importing_(std::move(find)) {}

    /// The calls that are open on one thread.
    class Thread {
    public:
        std::size_t depth() const noexcept { return open_.size(); }
        std::size_t memory_bytes() const noexcept {
            return open_.capacity() * sizeof(Open) + depths_.capacity() * sizeof(depths_[0]);
        }

    private:
        friend class FunctionTimes;
        struct Open {
            std::int64_t start_ns;
            std::int64_t children_ns;
            model::LocationIndex location;
        };
        std::vector<Open> open_;
        std::vector<std::uint32_t> depths_;  // by LocationIndex: how many of open_ are there
        std::int64_t waited_ns_ = 0;         // of a fiber
        std::int64_t stopped_ns_ = 0;
        std::uint32_t importing_ = 0;  // how many imports are open
        bool waits_ = false;
    };

    /// A fiber stops, and goes on: what lies between is no time of its calls.
    void stop(Thread& thread, std::int64_t time_ns) noexcept {
        thread.stopped_ns_ = time_ns;
        thread.waits_ = true;
    }
    void go_on(Thread& thread, std::int64_t time_ns) noexcept {
        if (thread.waits_) thread.waited_ns_ += time_ns - thread.stopped_ns_;
        thread.waits_ = false;
    }

    void begin(Thread& thread, model::LocationIndex location, std::int64_t start_ns) {
        if (location >= thread.depths_.size()) [[unlikely]] {
            make_room(thread, location);
        }
        Function& function = functions_[location];
        if (function.calls++ == 0) [[unlikely]] {
            meet(function, location);
        }
        thread.importing_ += function.is_import;
        function.ran_outside |= thread.importing_ == 0;
        ++thread.depths_[location];
        thread.open_.push_back({start_ns - thread.waited_ns_, 0, location});
    }
    /// Returns how long it took.
    std::int64_t end(Thread& thread, std::int64_t end_ns) {
        const Thread::Open zone = thread.open_.back();
        thread.open_.pop_back();
        const std::int64_t duration = end_ns - thread.waited_ns_ - zone.start_ns;
        Function& function = functions_[zone.location];
        add(function.self_ns, duration - zone.children_ns);
        if (function.is_import && --thread.importing_ == 0) [[unlikely]] {
            imports_ns_ += duration;
        }
        if (--thread.depths_[zone.location] == 0) add(function.total_ns, duration);
        if (!thread.open_.empty()) thread.open_.back().children_ns += duration;
        return duration;
    }
    /// The calls that are open on a thread, as end() would add them now: visit(location, self_ns, duration_ns),
    /// outermost first. Returns how long the outermost has taken.
    template <typename Visit>
    static std::int64_t each_open(const Thread& thread, std::int64_t now_ns, const Visit& visit);

    /// How often that location was called.
    std::uint64_t calls(model::LocationIndex location) const noexcept {
        return location < functions_.size() ? functions_[location].calls : 0;
    }
    /// How many modules were imported, and how long that took with all that ran meanwhile.
    std::uint64_t imports() const noexcept { return imports_; }
    std::int64_t imports_ns() const noexcept { return imports_ns_; }
    /// Whatever times another program tells: it may go round.
    static void add(std::int64_t& sum, std::int64_t more) noexcept {
        sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(more));
    }
    /// What one location has cost in calls that have ended, and how many calls have begun.
    struct Sums {
        std::uint64_t calls = 0;
        std::int64_t total_ns = 0;
        std::int64_t self_ns = 0;
    };
    /// Up to the last location that was called.
    std::size_t locations() const noexcept { return functions_.size(); }
    Sums sums(model::LocationIndex location) const noexcept {
        const Function& function = functions_[location];
        return {function.calls, function.total_ns, function.self_ns};
    }
    /// Those that were called. `trace`: what the locations mean.
    std::vector<FunctionTotals> totals(const model::Trace& trace) const;

private:
    struct Function {
        std::uint64_t calls = 0;
        std::int64_t total_ns = 0;
        std::int64_t self_ns = 0;
        bool is_import = false;
        bool ran_outside = false;  // while nothing was imported
    };

    void make_room(Thread& thread, model::LocationIndex location);
    void meet(Function& function, model::LocationIndex location);

    FindImporting find_importing_;
    std::vector<Function> functions_;  // by LocationIndex
    std::uint64_t imports_ = 0;
    std::int64_t imports_ns_ = 0;
};

template <typename Visit>
std::int64_t FunctionTimes::each_open(const Thread& thread, std::int64_t now_ns, const Visit& visit) {
    const std::int64_t until = (thread.waits_ ? thread.stopped_ns_ : now_ns) - thread.waited_ns_;
    const std::vector<Thread::Open>& open = thread.open_;
    for (std::size_t i = 0; i < open.size(); ++i) {
        const std::int64_t duration = until - open[i].start_ns;
        const std::int64_t inner = i + 1 < open.size() ? until - open[i + 1].start_ns : 0;
        visit(open[i].location, duration - open[i].children_ns - inner, duration);
    }
    return open.empty() ? 0 : until - open.front().start_ns;
}

}  // namespace tracypy::journal
