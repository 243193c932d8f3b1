// Self and total time of every function, from zones as they begin and end.
#pragma once

#include <cstdint>
#include <string>
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
};

/// Any number of threads, each with as many ends as begins.
class FunctionTimes {
public:
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
        ++functions_[location].calls;
        ++thread.depths_[location];
        thread.open_.push_back({start_ns - thread.waited_ns_, 0, location});
    }
    void end(Thread& thread, std::int64_t end_ns) {
        const Thread::Open zone = thread.open_.back();
        thread.open_.pop_back();
        const std::int64_t duration = end_ns - thread.waited_ns_ - zone.start_ns;
        Function& function = functions_[zone.location];
        function.self_ns += duration - zone.children_ns;
        if (--thread.depths_[zone.location] == 0) function.total_ns += duration;
        if (!thread.open_.empty()) thread.open_.back().children_ns += duration;
    }

    /// How often that location was called.
    std::uint64_t calls(model::LocationIndex location) const noexcept {
        return location < functions_.size() ? functions_[location].calls : 0;
    }
    /// Those that were called. `trace`: what the locations mean.
    std::vector<FunctionTotals> totals(const model::Trace& trace) const;

private:
    struct Function {
        std::uint64_t calls = 0;
        std::int64_t total_ns = 0;
        std::int64_t self_ns = 0;
    };

    void make_room(Thread& thread, model::LocationIndex location);

    std::vector<Function> functions_;  // by LocationIndex
};

}  // namespace tracypy::journal
