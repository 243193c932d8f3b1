// The wire's vocabulary as data: which events each protocol version has, their numbers and their fields.
//
// A protocol number is one state of Tracy's source. Newer states insert events in the middle of the enumeration, so
// that nearly every number shifts; a few layouts grew as well. All that is told here once, as a list of what came
// when, and each version's table is worked out from it at compile time: numbers, sizes, the place of every field.
// Encoder and decoder look up, they never ask for a version number; where bytes mean something else, a trait of the
// dialect says so.
//
// Only protocols that a release speaks are offered. The states in between lived on a development branch for days,
// some with two layouts under one number.
//
// Immutable; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "protocol/fields.hpp"

namespace tracypy::protocol {

/// Every event of the newest protocol, in its order. The value is an index into a dialect's tables, not a number
/// on the wire.
enum class WireEvent : std::uint8_t {
    ZoneText,
    ZoneName,
    Message,
    MessageColor,
    MessageCallstack,
    MessageColorCallstack,
    MessageAppInfo,
    ZoneBeginAllocSrcLoc,
    ZoneBeginAllocSrcLocCallstack,
    CallstackSerial,
    Callstack,
    CallstackAlloc,
    CallstackSample,
    CallstackSample32,
    CallstackSample16,
    CallstackSampleContextSwitch,
    CallstackSampleContextSwitch32,
    CallstackSampleContextSwitch16,
    FrameImage,
    ZoneBegin,
    ZoneBegin32,
    ZoneBegin16,
    ZoneBeginCallstack,
    ZoneBeginCallstack32,
    ZoneBeginCallstack16,
    ZoneEnd,
    ZoneEnd32,
    ZoneEnd16,
    LockWait,
    LockObtain,
    LockRelease,
    LockSharedWait,
    LockSharedObtain,
    LockSharedRelease,
    LockName,
    MemAlloc,
    MemAllocNamed,
    MemFree,
    MemFreeNamed,
    MemAllocCallstack,
    MemAllocCallstackNamed,
    MemFreeCallstack,
    MemFreeCallstackNamed,
    MemDiscard,
    MemDiscardCallstack,
    GpuZoneBegin,
    GpuZoneBeginCallstack,
    GpuZoneBeginAllocSrcLoc,
    GpuZoneBeginAllocSrcLocCallstack,
    GpuZoneEnd,
    GpuZoneBeginSerial,
    GpuZoneBeginCallstackSerial,
    GpuZoneBeginAllocSrcLocSerial,
    GpuZoneBeginAllocSrcLocCallstackSerial,
    GpuZoneEndSerial,
    PlotDataInt,
    PlotDataFloat,
    PlotDataDouble,
    ContextSwitch,
    ThreadWakeup,
    GpuTime,
    GpuContextName,
    GpuAnnotationName,
    CallstackFrameSize,
    SymbolInformation,
    ExternalNameMetadata,
    SymbolCodeMetadata,
    SourceCodeMetadata,
    FiberEnter,
    FiberLeave,
    SectionEnter,
    SectionLeave,
    SectionSetup,
    Terminate,
    KeepAlive,
    ThreadContext,
    GpuCalibration,
    GpuTimeSync,
    Crash,
    CrashReport,
    ZoneValidation,
    ZoneColor,
    ZoneValue,
    FrameMarkMsg,
    FrameMarkMsgStart,
    FrameMarkMsgEnd,
    FrameVsync,
    SourceLocation,
    LockAnnounce,
    LockTerminate,
    LockMark,
    MessageLiteral,
    MessageLiteralColor,
    MessageLiteralCallstack,
    MessageLiteralColorCallstack,
    GpuNewContext,
    CallstackFrame,
    SysTimeReport,
    SysPowerReport,
    TidToPid,
    HwSampleCpuCycle,
    HwSampleInstructionRetired,
    HwSampleCacheReference,
    HwSampleCacheMiss,
    HwSampleBranchRetired,
    HwSampleBranchMiss,
    PlotConfig,
    ParamSetup,
    AckServerQueryNoop,
    AckSourceCodeNotAvailable,
    AckSymbolCodeNotAvailable,
    CpuTopology,
    SingleStringData,
    SecondStringData,
    SingleStringData8,
    SecondStringData8,
    MemNamePayload,
    ThreadGroupHint,
    GpuZoneAnnotation,
    StringData,
    ThreadName,
    PlotName,
    SourceLocationPayload,
    CallstackPayload,
    CallstackAllocPayload,
    FrameName,
    FrameImageData,
    ExternalName,
    ExternalThreadName,
    SymbolCode,
    SourceCode,
    FiberName,
};

inline constexpr std::size_t kWireEventCount = static_cast<std::size_t>(WireEvent::FiberName) + 1;

/// What follows the fixed part of an event: a length of this width and as many bytes.
enum class Tail : std::uint8_t { None, Text8, Text16, Data32, NotOnWire };

/// The bytes of the length.
constexpr std::size_t width_of(Tail tail) noexcept {
    return tail == Tail::Text8 ? 1 : tail == Tail::Text16 ? 2 : tail == Tail::Data32 ? 4 : 0;
}

/// Since protocol 80 these hold their length less kLengthBias: shorter texts have events of their own.
constexpr bool is_biased_text(WireEvent event) noexcept {
    return event == WireEvent::SingleStringData || event == WireEvent::SecondStringData;
}
inline constexpr std::size_t kLengthBias = 256;

/// What was sent ahead for an event, and is used up by it.
enum class Takes : std::uint8_t { Nothing, Text, TwoTexts, Location };

/// What a capture does with an event.
enum class Treatment : std::uint8_t {
    Kept,      // it has a place in the vocabulary
    Captured,  // only captured programs have it: kept by who has a place for that, else counted
    Counted,   // it has no place: read over, counted, told at the end
    Silent,    // a part of another event, or of the conversation
};

/// Events that mean the same to a user.
struct Group {
    std::string_view name;  // in the plural: "lock events"
    Treatment treatment;
};

struct WireEventFacts {
    std::string_view name;  // as Tracy spells it
    std::uint8_t since;     // the first protocol that has it; 66 stands for "always"
    Tail tail;
    Takes takes;
    Group group;
    Fields fields;
};

const WireEventFacts& facts_of(WireEvent event) noexcept;

/// How one protocol version speaks.
struct Dialect {
    static constexpr std::uint8_t kAbsent = 0xFF;
    /// The places of an event's fields behind its number, by the field's slot; kAbsent where there is none.
    using Places = std::array<std::uint8_t, kMaxFields>;

    std::uint32_t protocol;
    std::string_view releases;  // "0.13.0 - 0.13.1", for people

    /// The number on the wire and the size of the fixed part, by WireEvent; kAbsent and 0 where it does not exist.
    std::array<std::uint8_t, kWireEventCount> numbers;
    std::array<std::uint8_t, kWireEventCount> fixed_sizes;
    std::array<Places, kWireEventCount> places;
    /// The way back: the event behind a number, for the first `event_count` numbers.
    std::array<WireEvent, kWireEventCount> events;
    std::uint8_t event_count;

    bool welcome_has_delay;  // up to 74 a queue delay (u64) stood between resolution and epoch
    bool short_times;        // since 78: times of zones and samples in 16, 32 or 64 bits, the larger two biased
    bool short_strings;      // since 80: texts below 256 bytes have events of their own, the others a biased length
    bool tagged_addresses;   // since 79: literal messages hold (address << 8 | metadata)

    constexpr std::uint8_t number(WireEvent event) const noexcept { return numbers[static_cast<std::size_t>(event)]; }
    constexpr std::uint8_t fixed_size(WireEvent event) const noexcept {
        return fixed_sizes[static_cast<std::size_t>(event)];
    }
    constexpr bool has(WireEvent event) const noexcept { return number(event) != kAbsent; }
    constexpr std::uint8_t place(WireEvent event, std::size_t slot) const noexcept {
        return places[static_cast<std::size_t>(event)][slot];
    }
};

/// The supported dialects, oldest first.
std::span<const Dialect> dialects() noexcept;

/// The dialect of a protocol number, or nullptr.
const Dialect* find_dialect(std::uint32_t protocol) noexcept;

/// "0.11.0 (protocol 66), 0.11.1 (69), ..." for messages.
std::string describe_supported_releases();

}  // namespace tracypy::protocol
