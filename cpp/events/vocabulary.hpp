// The vocabulary: everything that can happen, one row for each kind of event.
//
// From a row follow the struct, its number, its words in a thread's buffer (words.hpp), how a walk hands it over
// (thread_walk.hpp), what a sink is asked for (event_sink.hpp), and how a journal stores it (journal/fields.hpp). There
// are three lists:
//
//     thread events   lie among the words of their thread, in its order. One with a tick happens on the thread; one
//                     without says something about the zone that is innermost there
//     shared events   belong to no thread's order, and have a time of their own
//     definitions     say once what others refer to by their first field; a later one takes an earlier one's place
//
// Journals have the numbers and the order of the fields: a number is never used for another kind, and a field is only
// ever added behind the others. What an older journal does not have keeps the value that it gets here.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace tracypy::events {

enum class FrameMarkKind : std::uint8_t { Continuous, Start, End };
enum class PlotFormat : std::uint8_t { Number, Memory, Percentage, Watt };
/// As viewers number them.
enum class Severity : std::uint8_t { Trace, Debug, Info, Warning, Error, Fatal };
inline constexpr std::array<const char*, 6> kSeverityNames{"trace", "debug", "info", "warning", "error", "fatal"};
/// What a text about the program is.
enum class ProgramTextKind : std::uint8_t { Name };
/// The second half: of a lock that several threads share.
enum class LockEventKind : std::uint8_t { Wait, Obtain, Release, WaitShared, ObtainShared, ReleaseShared };
/// Discard: all blocks of the pool at once.
enum class MemoryAction : std::uint8_t { Allocate, Free, Discard };
enum class GpuAction : std::uint8_t { Begin, End, Times };
/// As viewers number them.
enum class GpuKind : std::uint8_t {
    None,
    OpenGl,
    Vulkan,
    OpenCl,
    Direct3d12,
    Direct3d11,
    Metal,
    Custom,
    Cuda,
    Rocprof,
    WebGpu
};
/// As viewers number them. A trigger has no value: it is pressed.
enum class ParameterKind : std::uint8_t { Number, Switch, Trigger };
enum class MessageSource : std::uint8_t { Program, Profiler };

/// The last one of an enumeration: what comes from elsewhere is held against it.
template <typename Enum>
inline constexpr Enum kLast = Enum::has_no_last_one;
template <>
inline constexpr base::CodeAddress kLast<base::CodeAddress> = static_cast<base::CodeAddress>(UINT64_MAX);
template <>
inline constexpr FrameMarkKind kLast<FrameMarkKind> = FrameMarkKind::End;
template <>
inline constexpr PlotFormat kLast<PlotFormat> = PlotFormat::Watt;
template <>
inline constexpr Severity kLast<Severity> = Severity::Fatal;
template <>
inline constexpr ProgramTextKind kLast<ProgramTextKind> = ProgramTextKind::Name;
template <>
inline constexpr LockEventKind kLast<LockEventKind> = LockEventKind::ReleaseShared;
template <>
inline constexpr MemoryAction kLast<MemoryAction> = MemoryAction::Discard;
template <>
inline constexpr GpuAction kLast<GpuAction> = GpuAction::Times;
template <>
inline constexpr GpuKind kLast<GpuKind> = GpuKind::WebGpu;
template <>
inline constexpr ParameterKind kLast<ParameterKind> = ParameterKind::Trigger;
template <>
inline constexpr MessageSource kLast<MessageSource> = MessageSource::Profiler;

// Colours are 0xRRGGBB, zero for none. A message has its text, or a literal whose text may come later. A zone with a
// call stack is a kind of its own, so that all others need not have the room for one. FiberEnter and FiberLeave are the
// first and the last event of a run of a fiber: what lies between them in the words of a thread belongs to the fiber's
// row.
#define TRACYPY_THREAD_EVENTS(EVENT, FIELD)                                                                         \
    EVENT(0, ZoneBegin, FIELD(base::Ticks, tick) FIELD(base::SourceLocationId, location))                           \
    EVENT(1, ZoneEnd, FIELD(base::Ticks, tick))                                                                     \
    EVENT(2, ZoneText, FIELD(std::string_view, text))                                                               \
    EVENT(3, ZoneName, FIELD(std::string_view, text))                                                               \
    EVENT(4, ZoneValue, FIELD(std::uint64_t, value))                                                                \
    EVENT(5, ZoneColor, FIELD(std::uint32_t, color))                                                                \
    EVENT(6, Message,                                                                                               \
          FIELD(base::Ticks, tick) FIELD(std::uint32_t, color) FIELD(std::string_view, text)                        \
              FIELD(Severity, severity, Severity::Info) FIELD(MessageSource, source) FIELD(base::StringId, literal) \
                  FIELD(base::CallstackId, callstack))                                                              \
    EVENT(21, ZoneBeginCallstack,                                                                                   \
          FIELD(base::Ticks, tick) FIELD(base::SourceLocationId, location) FIELD(base::CallstackId, callstack))     \
    EVENT(24, FiberEnter, FIELD(base::Ticks, tick) FIELD(base::ThreadId, fiber) FIELD(base::ThreadId, thread))      \
    EVENT(25, FiberLeave, FIELD(base::Ticks, tick))

// In the order of their ticks, from all threads: frame marks, steps of memory, what happens to locks (a thread waits
// before each time that it obtains one, and what it has obtained it releases), begins and ends of sections, which are
// parts of the whole program's run. In no order: points of plots, and pictures of frames: of the one that lasted at
// `ticks`, or so many before it; `text` is the picture in DXT1, half a byte for each pixel.
// In the order of their ticks again: steps of a GPU's zones. One is given to the GPU, and that is done; later it is
// known when the GPU has worked on it: in signed ticks of the processor. Its two numbers are another zone's then.
#define TRACYPY_SHARED_EVENTS(EVENT, FIELD)                                                                            \
    EVENT(7, FrameMark, FIELD(base::Ticks, ticks) FIELD(base::StringId, name) FIELD(FrameMarkKind, kind))              \
    EVENT(8, PlotPoint, FIELD(base::Ticks, ticks) FIELD(base::StringId, plot) FIELD(double, value))                    \
    EVENT(20, MemoryStep,                                                                                              \
          FIELD(base::Ticks, ticks) FIELD(base::ThreadId, thread) FIELD(base::StringId, pool)                          \
              FIELD(MemoryAction, action) FIELD(std::uint64_t, address) FIELD(std::uint64_t, size)                     \
                  FIELD(base::CallstackId, callstack))                                                                 \
    EVENT(32, LockEvent,                                                                                               \
          FIELD(base::Ticks, ticks) FIELD(std::uint32_t, lock) FIELD(base::ThreadId, thread)                           \
              FIELD(LockEventKind, kind))                                                                              \
    EVENT(34, SectionEdge,                                                                                             \
          FIELD(base::Ticks, ticks) FIELD(std::uint32_t, section) FIELD(std::uint16_t, category)                       \
              FIELD(base::StringId, text) FIELD(bool, is_end))                                                         \
    EVENT(36, FrameImage,                                                                                              \
          FIELD(base::Ticks, ticks) FIELD(std::uint32_t, offset) FIELD(std::uint16_t, width)                           \
              FIELD(std::uint16_t, height) FIELD(bool, is_flipped) FIELD(std::string_view, text))                      \
    EVENT(40, GpuStep,                                                                                                 \
          FIELD(base::Ticks, ticks) FIELD(base::ThreadId, thread) FIELD(std::uint8_t, context)                         \
              FIELD(GpuAction, action) FIELD(std::uint16_t, begin_query) FIELD(std::uint16_t, end_query)               \
                  FIELD(base::SourceLocationId, location) FIELD(std::uint64_t, gpu_begin)                              \
                      FIELD(std::uint64_t, gpu_end) FIELD(base::CallstackId, callstack))                               \
    EVENT(42, Sample,                                                                                                  \
          FIELD(base::Ticks, ticks) FIELD(base::ThreadId, thread) FIELD(base::CallstackId, callstack)                  \
              FIELD(bool, is_at_switch))                                                                               \
    EVENT(43, ContextSwitch,                                                                                           \
          FIELD(base::Ticks, ticks) FIELD(std::uint32_t, from) FIELD(std::uint32_t, to) FIELD(std::uint8_t, processor) \
              FIELD(std::uint8_t, waker) FIELD(std::int8_t, reason) FIELD(std::int8_t, state))                         \
    EVENT(44, ThreadWakeup, FIELD(base::Ticks, ticks) FIELD(std::uint32_t, woken) FIELD(std::uint8_t, processor))      \
    EVENT(45, HardwareSample,                                                                                          \
          FIELD(base::Ticks, ticks) FIELD(base::CodeAddress, address) FIELD(std::uint8_t, counter))                    \
    EVENT(46, CrashReport,                                                                                             \
          FIELD(base::Ticks, ticks) FIELD(base::ThreadId, thread) FIELD(base::StringId, text)                          \
              FIELD(base::CallstackId, callstack))                                                                     \
    EVENT(47, EnergyReading, FIELD(base::Ticks, ticks) FIELD(base::StringId, name) FIELD(std::uint64_t, microjoules))  \
    EVENT(48, LockEnd, FIELD(base::Ticks, ticks) FIELD(std::uint32_t, lock))                                           \
    EVENT(49, LockMark,                                                                                                \
          FIELD(base::Ticks, ticks) FIELD(std::uint32_t, lock) FIELD(base::ThreadId, thread)                           \
              FIELD(base::SourceLocationId, location))                                                                 \
    EVENT(50, GpuNote,                                                                                                 \
          FIELD(base::Ticks, ticks) FIELD(std::uint8_t, context) FIELD(std::uint16_t, query)                           \
              FIELD(std::uint64_t, note) FIELD(double, value))                                                         \
    EVENT(52, GpuNoteName,                                                                                             \
          FIELD(base::Ticks, ticks) FIELD(std::uint8_t, context) FIELD(std::uint64_t, note)                            \
              FIELD(base::StringId, name))

// The rest of the shared events comes from other programs with a Tracy client: what the system and the processor tell
// of them, in the order of the client. Threads of the system are numbers there, of which not each has a row; 0 is none.
// A ContextSwitch names the processor again as `waker` where one is told which processors wake threads. Of a
// HardwareSample, `counter` is as viewers number them. A LockMark says where a thread was when it last waited for the
// lock, or obtained it. A GpuNote is a value of the zone that begins with `query`.

// FrameMark without a name: the default set (Continuous only). MemoryStep without a pool: the default one. ThreadFacts:
// the system's number of a thread, or a fiber's, and its group: rows of one group stand together. AppInfo: a line about
// the program. LockAnnounce: a lock, and where it was made. SectionCategory: how one is called; 0 has no name.
// Parameter: what a viewer may set, and what it is at that moment. GpuContext: a queue of a GPU.
// Its owner is the system's number of a thread, whose all its zones are; 0: each thread has its own. LockName: one of
// its own, apart from that of the place where the lock was made. ThreadProcess: whose thread that is. ForeignThread:
// what a thread of another program is called. Symbol: a function of machine code. SymbolCode, SourceText: its code and
// the text of a file, in pieces: the addresses, or the numbers, say in which order. SamplingPeriod: between two
// samples; that of the first client that is sampled, as a viewer has but one. ProgramText: what stands elsewhere in a
// welcome or the head of a file.
#define TRACYPY_DEFINITIONS(EVENT, FIELD)                                                                        \
    EVENT(9, PlotStyle,                                                                                          \
          FIELD(base::StringId, plot) FIELD(PlotFormat, format) FIELD(bool, shows_steps) FIELD(bool, is_filled)  \
              FIELD(std::uint32_t, color))                                                                       \
    EVENT(10, ThreadFacts,                                                                                       \
          FIELD(base::ThreadId, thread) FIELD(std::uint64_t, id) FIELD(bool, is_fiber)                           \
              FIELD(std::int32_t, group_hint))                                                                   \
    EVENT(11, AppInfo, FIELD(base::StringId, text))                                                              \
    EVENT(12, ProgramText, FIELD(ProgramTextKind, what) FIELD(base::StringId, text))                             \
    EVENT(33, LockAnnounce,                                                                                      \
          FIELD(std::uint32_t, lock) FIELD(base::Ticks, made) FIELD(base::SourceLocationId, location)            \
              FIELD(bool, is_shared))                                                                            \
    EVENT(35, SectionCategory, FIELD(std::uint16_t, category) FIELD(base::StringId, text))                       \
    EVENT(38, Parameter,                                                                                         \
          FIELD(std::uint32_t, index) FIELD(base::StringId, name) FIELD(ParameterKind, kind)                     \
              FIELD(std::int32_t, value))                                                                        \
    EVENT(41, GpuContext,                                                                                        \
          FIELD(std::uint8_t, context) FIELD(base::StringId, name) FIELD(GpuKind, kind) FIELD(base::Ticks, made) \
              FIELD(std::uint32_t, owner))                                                                       \
    EVENT(51, LockName, FIELD(std::uint32_t, lock) FIELD(base::StringId, name))                                  \
    EVENT(53, ThreadProcess, FIELD(std::uint64_t, thread_number) FIELD(std::uint64_t, process))                  \
    EVENT(54, ProcessorPlace,                                                                                    \
          FIELD(std::uint32_t, processor) FIELD(std::uint32_t, package) FIELD(std::uint32_t, die)                \
              FIELD(std::uint32_t, core))                                                                        \
    EVENT(55, ForeignThread,                                                                                     \
          FIELD(std::uint64_t, thread_number) FIELD(base::StringId, program) FIELD(base::StringId, name))        \
    EVENT(56, Symbol,                                                                                            \
          FIELD(base::CodeAddress, address) FIELD(base::StringId, name) FIELD(base::StringId, file)              \
              FIELD(base::StringId, image) FIELD(base::StringId, call_file) FIELD(std::uint32_t, line)           \
                  FIELD(std::uint32_t, call_line) FIELD(std::uint32_t, size) FIELD(bool, is_inlined))            \
    EVENT(57, SymbolCode,                                                                                        \
          FIELD(base::CodeAddress, address) FIELD(base::CodeAddress, symbol) FIELD(base::StringId, code))        \
    EVENT(58, SourceText, FIELD(std::uint32_t, number) FIELD(base::StringId, file) FIELD(base::StringId, text))  \
    EVENT(59, SamplingPeriod, FIELD(std::uint64_t, ns))

#define TRACYPY_EVENTS(EVENT, FIELD)    \
    TRACYPY_THREAD_EVENTS(EVENT, FIELD) \
    TRACYPY_SHARED_EVENTS(EVENT, FIELD) \
    TRACYPY_DEFINITIONS(EVENT, FIELD)

#define TRACYPY_ENUMERATOR(number, name, fields) name = number,
enum class Kind : std::uint8_t { TRACYPY_EVENTS(TRACYPY_ENUMERATOR, ) };
#undef TRACYPY_ENUMERATOR

/// Kinds are numbered below this.
inline constexpr unsigned kMostKinds = 64;

#define TRACYPY_MEMBER(type, name, ...) type name{__VA_ARGS__};
#define TRACYPY_STRUCT(number, name, fields)                 \
    struct name {                                            \
        static constexpr Kind kKind = Kind::name;            \
        static_assert(number < kMostKinds);                  \
        fields bool operator==(const name&) const = default; \
    };
TRACYPY_EVENTS(TRACYPY_STRUCT, TRACYPY_MEMBER)
#undef TRACYPY_STRUCT
#undef TRACYPY_MEMBER

// each_field(event, visit) calls visit(field) for each field in order.
#define TRACYPY_VISIT(type, name, ...) visit(event.name);
#define TRACYPY_EACH_FIELD(number, name, fields)                       \
    template <typename Visit>                                          \
    constexpr void each_field(const name& event, const Visit& visit) { \
        fields                                                         \
    }                                                                  \
    template <typename Visit>                                          \
    constexpr void each_field(name& event, const Visit& visit) {       \
        fields                                                         \
    }
TRACYPY_EVENTS(TRACYPY_EACH_FIELD, TRACYPY_VISIT)
#undef TRACYPY_EACH_FIELD
#undef TRACYPY_VISIT

enum class Lane : std::uint8_t { None, Thread, Shared, Definition };

template <typename Event>
inline constexpr Lane kLane = Lane::None;  // of what is no event
#define TRACYPY_LANE(number, name, fields) \
    template <>                            \
    inline constexpr Lane kLane<name> =
#define TRACYPY_THREAD_LANE(number, name, fields) TRACYPY_LANE(number, name, fields) Lane::Thread;
#define TRACYPY_SHARED_LANE(number, name, fields) TRACYPY_LANE(number, name, fields) Lane::Shared;
#define TRACYPY_DEFINITION_LANE(number, name, fields) TRACYPY_LANE(number, name, fields) Lane::Definition;
TRACYPY_THREAD_EVENTS(TRACYPY_THREAD_LANE, )
TRACYPY_SHARED_EVENTS(TRACYPY_SHARED_LANE, )
TRACYPY_DEFINITIONS(TRACYPY_DEFINITION_LANE, )
#undef TRACYPY_DEFINITION_LANE
#undef TRACYPY_SHARED_LANE
#undef TRACYPY_THREAD_LANE
#undef TRACYPY_LANE

template <typename Event>
concept ThreadEvent = kLane<Event> == Lane::Thread;
template <typename Event>
concept SharedEvent = kLane<Event> == Lane::Shared;
template <typename Event>
concept Definition = kLane<Event> == Lane::Definition;

/// Something about the innermost zone.
template <typename Event>
concept ZoneDetail = ThreadEvent<Event> && !requires(const Event& event) { event.tick; };
/// These have forms of their own everywhere.
template <typename Event>
concept PlainZoneEdge = std::same_as<Event, ZoneBegin> || std::same_as<Event, ZoneEnd>;
template <typename Event>
concept ZoneOpening = std::same_as<Event, ZoneBegin> || std::same_as<Event, ZoneBeginCallstack>;
template <typename Event>
concept ZoneEdge = PlainZoneEdge<Event> || ZoneOpening<Event>;
/// Something that happened on the thread beside its zones.
template <typename Event>
concept ThreadMoment = ThreadEvent<Event> && !ZoneDetail<Event> && !ZoneEdge<Event>;

/// For who takes a zone as any other.
constexpr ZoneBegin without_callstack(const ZoneBeginCallstack& zone) noexcept {
    return {zone.tick, zone.location};
}

}  // namespace tracypy::events
