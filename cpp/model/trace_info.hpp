// What is known about a recording as a whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/program_facts.hpp"

namespace tracypy::model {

/// By what the times of traces of one machine are one axis. Viewers do not know of it.
struct TraceClock {
    std::string machine;       // from its start on, and which of its counters; empty: unknown
    std::int64_t start = 0;    // the counter at time 0
    std::int64_t unix_ns = 0;  // then, since 1970; 0: unknown

    friend bool operator==(const TraceClock&, const TraceClock&) = default;
};

struct TraceInfo {
    base::ProgramFacts program;
    std::string capture_name;          // shown as the title: "program @ date"
    std::uint64_t capture_time_s = 0;  // since 1970
    double ns_per_tick = 1.0;
    std::int64_t resolution_ns = 0;
    std::int64_t last_time_ns = 0;
    std::int64_t sampling_period_ns = 0;
    std::uint64_t frame_offset = 0;  // frames before the viewer came, on-demand programs only
    bool is_on_demand = false;
    std::optional<TraceClock> clock = std::nullopt;
};

}  // namespace tracypy::model
