// A recorded trace in memory: one table per file of this folder, plain and complete.
//
// Invariants, kept by whoever fills it (TraceBuilder, tracefile::read_trace) and relied upon by everyone else: ids and
// indices lie inside their tables; frame_sets[0] is the default set; zone_extras[0] and callstacks.stacks[0] stand for
// "none"; every zone table is a tree in the order of its beginnings (zones.hpp). Times are nanoseconds since the start
// of the recording. Must not know: files, sockets, Python, ticks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/callstacks.hpp"
#include "model/frame_images.hpp"
#include "model/frames.hpp"
#include "model/gpu.hpp"
#include "model/locks.hpp"
#include "model/machine.hpp"
#include "model/memory.hpp"
#include "model/messages.hpp"
#include "model/plots.hpp"
#include "model/samples.hpp"
#include "model/sections.hpp"
#include "model/source_files.hpp"
#include "model/source_locations.hpp"
#include "model/strings.hpp"
#include "model/switches.hpp"
#include "model/symbols.hpp"
#include "model/threads.hpp"
#include "model/trace_info.hpp"
#include "model/zones.hpp"

namespace tracypy::model {

/// One thread while it is filled; any number of readers afterwards.
struct Trace {
    TraceInfo info;
    Strings strings;
    std::vector<SourceLocation> locations;
    std::vector<Thread> threads;
    std::vector<ZoneExtra> zone_extras = std::vector<ZoneExtra>(1);
    std::vector<FrameSet> frame_sets = std::vector<FrameSet>(1);
    std::vector<FrameImage> frame_images;     // by set and frame, one for each at most
    std::uint64_t frame_images_left_out = 0;  // there were too many of them
    std::vector<Message> messages;            // by time
    std::vector<Plot> plots;
    std::vector<Lock> locks;
    std::vector<MemoryPool> memory_pools;
    std::vector<GpuContext> gpu_contexts;
    std::vector<ProgramSection> sections;  // by time
    std::vector<SectionCategory> section_categories;
    std::vector<TextId> app_info;  // lines that the program says of itself
    Callstacks callstacks;
    Symbols symbols;
    std::vector<SourceFile> source_files;
    Switches switches;
    std::vector<HardwareSamples> hardware_samples;
    std::vector<ProcessorPlace> processors;
    Crash crash;

    std::uint64_t zone_count() const noexcept {
        std::uint64_t count = 0;
        for (const Thread& thread : threads) count += thread.zones.size();
        return count;
    }
};

/// How many frames of the default set, its first ones, are not marks.
inline std::size_t start_frames(const Trace& trace) noexcept {
    const std::size_t wanted = kStartFrames + (trace.info.is_on_demand ? 1 : 0);
    return std::min(wanted, trace.frame_sets[0].frames.size());
}

}  // namespace tracypy::model
