// Sums by function, of calls that are told one by one and not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "analysis/durations.hpp"
#include "analysis/functions.hpp"

namespace tracypy::analysis {

/// What one call of a function adds.
struct CallTimes {
    std::int64_t duration_ns;
    std::int64_t busy_ns;
    std::int64_t self_ns;
};

/// open() and close() of each call, and lasted() once; the calls of one row after those of another.
class FunctionTally {
public:
    /// `has_parts`: whether some calls lie in parts. Then they are told in the order in which they began.
    FunctionTally(std::size_t locations, bool has_parts)
        : has_parts_(has_parts), sums_(locations), running_(locations, 0) {}

    void open(model::LocationIndex location) { ++running_[location]; }
    /// `counts`: whether it is a call of its own.
    void close(model::LocationIndex location, bool counts, const CallTimes& times);
    /// It is not in what is asked for.
    void close_other(model::LocationIndex location) { --running_[location]; }
    /// A part belongs to the last call so far, as a rule, or to any other one.
    void lasted(model::LocationIndex location, std::int64_t duration_ns, bool is_part = false) {
        if (has_parts_) return lasted_in_parts(location, duration_ns, is_part);
        sums_[location].durations.add(duration_ns);
    }
    void add_busy(model::LocationIndex location, std::int64_t busy_ns);

    /// After the last one.
    void finish_parts();

    /// Most self time first.
    std::vector<FunctionStats> stats();

private:
    struct Sum {
        std::uint64_t calls = 0;
        std::uint64_t primitive_calls = 0;
        std::int64_t total_ns = 0;
        std::int64_t busy_ns = 0;
        std::int64_t self_ns = 0;
        Durations durations;
    };
    struct Parted {
        std::optional<std::int64_t> last_ns;  // of the last call so far
        std::int64_t early_ns = 0;            // of parts whose call lies on a row that comes later
    };
    void lasted_in_parts(model::LocationIndex location, std::int64_t duration_ns, bool is_part);

    const bool has_parts_;
    std::vector<Sum> sums_;
    std::vector<std::uint32_t> running_;  // calls of it that are open now
    std::unordered_map<model::LocationIndex, Parted> parted_;
};

}  // namespace tracypy::analysis
