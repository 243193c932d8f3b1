// What is known about a recording as a whole.
#pragma once

#include <cstdint>
#include <string>

#include "base/program_facts.hpp"

namespace tracypy::model {

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
};

}  // namespace tracypy::model
