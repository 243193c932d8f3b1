// What happens in captured programs only, in their own terms where the vocabulary has none.
//
// Threads are rows, or numbers of the system (std::uint32_t, std::uint64_t) where a row need not be there.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::events {

/// A queue of a GPU with a clock of its own. `thread`: whose it is, 0 for everybody's.
struct CapturedGpuContext {
    std::uint8_t context;
    std::uint32_t thread;
    float period;
    bool is_calibrated;
    std::uint8_t kind;
};
struct CapturedGpuName {
    std::uint8_t context;
    base::StringId name;
};
struct CapturedGpuBegin {
    base::Ticks ticks = 0;
    std::uint8_t context = 0;
    std::uint32_t thread = 0;
    std::uint16_t query = 0;
    base::SourceLocationId location = base::SourceLocationId::Other;
    base::CallstackId callstack = base::CallstackId::None;
};
struct CapturedGpuEnd {
    base::Ticks ticks;
    std::uint8_t context;
    std::uint32_t thread;
    std::uint16_t query;
};
/// When the GPU came to a query, in nanoseconds since the program's start.
struct CapturedGpuTime {
    std::uint8_t context;
    std::uint16_t query;
    std::int64_t ns;
    std::uint64_t overflow;  // where the clock begins again, as far as one knows
};
struct CapturedGpuNoteName {
    std::uint8_t context;
    std::int64_t note;
    base::StringId name;
};
struct CapturedGpuNote {
    std::uint8_t context;
    std::uint16_t query;
    std::int64_t note;
    double value;
};

/// `frame`: its place in the default set, with the frames at its start that are no marks. `data`: DXT1.
struct CapturedImage {
    std::uint32_t frame;
    std::uint16_t width, height;
    bool is_flipped;
    std::string_view data;
};

/// A value that a viewer may set.
struct CapturedParameter {
    std::uint32_t index;
    base::StringId name;
    std::uint8_t kind;
    std::int32_t value;
};

/// Of the whole machine, in percent.
struct CapturedLoad {
    base::Ticks ticks;
    double percent;
};
#define TRACYPY_CAPTURED_EVENTS(EVENT) \
    EVENT(CapturedGpuContext)          \
    EVENT(CapturedGpuName)             \
    EVENT(CapturedGpuBegin)            \
    EVENT(CapturedGpuEnd)              \
    EVENT(CapturedGpuTime)             \
    EVENT(CapturedGpuNoteName)         \
    EVENT(CapturedGpuNote)             \
    EVENT(CapturedImage)               \
    EVENT(LockName)                    \
    EVENT(LockEnd)                     \
    EVENT(LockMark)                    \
    EVENT(Sample)                      \
    EVENT(ContextSwitch)               \
    EVENT(ThreadWakeup)                \
    EVENT(HardwareSample)              \
    EVENT(ThreadProcess)               \
    EVENT(ProcessorPlace)              \
    EVENT(CrashReport)                 \
    EVENT(EnergyReading)               \
    EVENT(CapturedLoad)                \
    EVENT(CapturedParameter)

/// Takes them, one by one, as they come. Of locks, what everybody knows of them came before (EventSink). False: it fits
/// nothing that came before, and is left out.
class CapturedSink {
public:
    virtual ~CapturedSink() = default;

#define TRACYPY_TAKE(name) virtual bool take(const name& event) = 0;
    TRACYPY_CAPTURED_EVENTS(TRACYPY_TAKE)
#undef TRACYPY_TAKE
};

}  // namespace tracypy::events
