// One row of the viewer: a thread or a fiber.
#pragma once

#include <cstdint>
#include <vector>

#include "model/samples.hpp"
#include "model/zones.hpp"

namespace tracypy::model {

/// Where the ids of fibers begin, beyond those of threads: as viewers number them.
inline constexpr std::uint64_t kFirstFiber = std::uint64_t{1} << 32;

/// When a fiber ran; kOpen while it does.
struct FiberRun {
    std::int64_t start_ns;
    std::int64_t end_ns;
    std::uint64_t carrier;  // the id of the thread that it ran on
};

struct Thread {
    std::uint64_t id = 0;
    std::uint32_t short_number = 0;  // how viewers of the file it was read from number it; 0: it has no zones
    TextId name = TextId::None;
    bool is_fiber = false;
    std::int32_t group_hint = 0;  // known to releases from 0.11.1 on
    ZoneTable zones;
    std::vector<FiberRun> runs;  // of a fiber, by time
    std::uint64_t kernel_samples = 0;
    std::vector<Sample> switch_samples;  // at context switches
    std::vector<Sample> samples;         // by time, of both kinds
};

}  // namespace tracypy::model
