// Zones of GPUs: when they were given to one, and when it worked on them.
#pragma once

#include <cstdint>
#include <vector>

#include "model/source_locations.hpp"

namespace tracypy::model {

struct GpuZone {
    std::int64_t begin_ns = 0;       // by the processor: it is given to the GPU
    std::int64_t end_ns = -1;        // kOpen: never done
    std::int64_t gpu_begin_ns = -1;  // kOpen: never told
    std::int64_t gpu_end_ns = -1;
    LocationIndex location = 0;
    std::uint32_t depth = 0;
    std::uint16_t query = 0;
};

/// The zones that one thread has given to the GPU, in the order of their begins: a zone's descendants follow it.
struct GpuRow {
    std::uint32_t thread = 0;  // its index; kNoThread: unknown
    std::vector<GpuZone> zones;
};

struct GpuContext {
    TextId name = TextId::None;
    std::uint8_t kind = 0;  // as viewers number them
    std::vector<GpuRow> rows;
};

}  // namespace tracypy::model
