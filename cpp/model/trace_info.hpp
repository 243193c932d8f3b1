// What is known about a recording as a whole.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace tracypy::model {

struct TraceInfo {
    std::string capture_name;  // shown as the title: "program @ date"
    std::string program;
    std::string host;  // lines about the machine
    std::uint64_t process_id = 0;
    std::uint64_t capture_time_s = 0;     // since 1970
    std::uint64_t executable_time_s = 0;  // of the program's file; 0: unknown
    double ns_per_tick = 1.0;
    std::int64_t resolution_ns = 0;
    std::int64_t last_time_ns = 0;
    std::int64_t sampling_period_ns = 0;
    std::uint64_t frame_offset = 0;  // frames before the viewer came, on-demand programs only
    std::uint8_t cpu_architecture = 0;
    std::uint32_t cpu_id = 0;
    std::array<char, 12> cpu_manufacturer{};
    bool is_on_demand = false;
};

}  // namespace tracypy::model
