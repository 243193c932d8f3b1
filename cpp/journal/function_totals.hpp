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

/// Threads one after the other, each with as many ends as begins.
class FunctionTimes {
public:
    explicit FunctionTimes(std::size_t locations) : functions_(locations) {}

    void begin(model::LocationIndex location, std::int64_t start_ns) {
        ++functions_[location].calls;
        ++functions_[location].open;
        open_.push_back({start_ns, 0, location});
    }
    void end(std::int64_t end_ns) {
        const Open zone = open_.back();
        open_.pop_back();
        const std::int64_t duration = end_ns - zone.start_ns;
        Function& function = functions_[zone.location];
        function.self_ns += duration - zone.children_ns;
        if (--function.open == 0) function.total_ns += duration;
        if (!open_.empty()) open_.back().children_ns += duration;
    }
    std::size_t depth() const noexcept { return open_.size(); }

    /// Those that were called. `trace`: what the locations mean.
    std::vector<FunctionTotals> totals(const model::Trace& trace) const;

private:
    struct Open {
        std::int64_t start_ns;
        std::int64_t children_ns;
        model::LocationIndex location;
    };
    struct Function {
        std::uint64_t calls = 0;
        std::int64_t total_ns = 0;
        std::int64_t self_ns = 0;
        std::uint64_t open = 0;
    };

    std::vector<Function> functions_;  // by LocationIndex
    std::vector<Open> open_;
};

}  // namespace tracypy::journal
