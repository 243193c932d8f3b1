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
    std::uint32_t callstack = 0;  // index into Trace::callstacks.stacks; 0: none
    std::uint16_t query = 0;
};

/// The zones that one thread has given to the GPU, in the order of their begins: a zone's descendants follow it.
struct GpuRow {
    std::uint32_t thread = 0;  // its index; kNoThread: it has no row
    std::uint64_t id = 0;      // of one that has no row; 0: all are of the context's thread
    std::vector<GpuZone> zones;
};

/// What a program says of a zone besides its times, such as the values of counters.
struct GpuNote {
    std::uint16_t query = 0;
    std::int64_t note = 0;
    double value = 0;
};

struct GpuNoteName {
    std::int64_t note = 0;
    TextId name = TextId::None;
};

struct GpuContext {
    TextId name = TextId::None;
    std::uint8_t kind = 0;     // as viewers number them
    std::uint64_t thread = 0;  // the id of the one that it belongs to; 0: each has a row
    bool is_calibrated = false;
    float period = 1.0f;         // nanoseconds in a step of its clock
    std::uint64_t overflow = 0;  // where its clock begins again; 0: it did not
    std::vector<GpuRow> rows;
    std::vector<GpuNoteName> note_names;
    std::vector<GpuNote> notes;  // in any order
};

}  // namespace tracypy::model
