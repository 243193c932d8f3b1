// What happens in captured programs only: nothing that the recorder knows, so it has no place in the vocabulary.
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

struct CapturedLockName {
    std::uint32_t lock;
    base::StringId name;
};
struct CapturedLockEnd {
    std::uint32_t lock;
    base::Ticks ticks;
};
/// Where the thread was when it last waited for the lock, or obtained it.
struct CapturedLockMark {
    std::uint32_t lock;
    std::uint32_t thread;
    base::SourceLocationId location;
};

struct CapturedSample {
    base::Ticks ticks;
    base::ThreadId thread;
    base::CallstackId callstack;
    bool is_at_switch;
};
struct CapturedSwitch {
    base::Ticks ticks;
    std::uint32_t from, to;  // 0: nothing that one is told of
    std::uint8_t processor;
    std::uint8_t waker;  // the processor again, where one is told which processors wake threads; else 0
    std::int8_t reason, state;
};
struct CapturedWakeup {
    base::Ticks ticks;
    std::uint32_t thread;
    std::uint8_t processor;
};
/// `kind`: as wire and files have them in their order.
struct CapturedHardwareSample {
    base::Ticks ticks;
    std::uint64_t address;
    std::uint8_t kind;
};
struct CapturedProcess {
    std::uint64_t thread, process;
};
struct CapturedProcessor {
    std::uint32_t package, die, core, thread;
};
struct CapturedCrash {
    base::Ticks ticks;
    base::ThreadId thread;
    base::StringId text;
    base::CallstackId callstack;
};
/// Of the whole machine, in percent.
struct CapturedLoad {
    base::Ticks ticks;
    double percent;
};
/// The energy that something took since the report before, in microjoules.
struct CapturedEnergy {
    base::Ticks ticks;
    base::StringId name;
    std::uint64_t microjoules;
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
    EVENT(CapturedLockName)            \
    EVENT(CapturedLockEnd)             \
    EVENT(CapturedLockMark)            \
    EVENT(CapturedSample)              \
    EVENT(CapturedSwitch)              \
    EVENT(CapturedWakeup)              \
    EVENT(CapturedHardwareSample)      \
    EVENT(CapturedProcess)             \
    EVENT(CapturedProcessor)           \
    EVENT(CapturedCrash)               \
    EVENT(CapturedLoad)                \
    EVENT(CapturedEnergy)

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
