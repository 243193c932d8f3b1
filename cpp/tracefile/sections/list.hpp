// The sections of a .tracy file, in its order. Each has a file of its own in this folder.
#pragma once

#include "tracefile/sections/section.hpp"

#define TRACYPY_FILE_SECTIONS(SECTION) \
    SECTION(Header)                    \
    SECTION(Topology)                  \
    SECTION(Crash)                     \
    SECTION(Frames)                    \
    SECTION(ProgramSections)           \
    SECTION(Texts)                     \
    SECTION(SourceLocations)           \
    SECTION(Locks)                     \
    SECTION(Messages)                  \
    SECTION(ZoneExtras)                \
    SECTION(Threads)                   \
    SECTION(GpuZones)                  \
    SECTION(Plots)                     \
    SECTION(Memory)                    \
    SECTION(CallStacks)                \
    SECTION(ApplicationInfo)           \
    SECTION(FrameImages)               \
    SECTION(ContextSwitches)           \
    SECTION(Symbols)                   \
    SECTION(HardwareSamples)           \
    SECTION(SourceFiles)

namespace tracypy::tracefile::sections {

#define TRACYPY_DECLARE(name) extern const Section k##name;
TRACYPY_FILE_SECTIONS(TRACYPY_DECLARE)
#undef TRACYPY_DECLARE

#define TRACYPY_POINTER(name) &k##name,
inline constexpr const Section* kAll[] = {TRACYPY_FILE_SECTIONS(TRACYPY_POINTER)};
#undef TRACYPY_POINTER

}  // namespace tracypy::tracefile::sections
