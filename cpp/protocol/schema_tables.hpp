// The tables behind schema.hpp, constexpr: the rows, and what is derived from them.
//
// The facts are those of Tracy's source. Nothing about an event's bytes is told anywhere else: sizes and places,
// today's and earlier ones, what skipping an event has to do, the names of what is not kept and the page in docs/ all
// come from these rows. The tests hold them against tables that were written independently.
#pragma once

#include "protocol/schema.hpp"

namespace tracypy::protocol {
namespace rows {

using enum FieldType;
using enum Role;
using enum Tail;

// What users call the events. A capture keeps some, counts others, and reads over what is a part of something else.
inline constexpr Group kZones{"zones", Treatment::Kept};
inline constexpr Group kMessages{"messages", Treatment::Kept};
inline constexpr Group kPlots{"plots", Treatment::Kept};
inline constexpr Group kFrames{"frame marks", Treatment::Kept};
inline constexpr Group kFibers{"fibers and groups of threads", Treatment::Kept};
inline constexpr Group kAnswers{"answers", Treatment::Kept};
inline constexpr Group kTalk{"the conversation", Treatment::Kept};
inline constexpr Group kAppInfo{"application information", Treatment::Kept};
inline constexpr Group kCallstacks{"call stacks", Treatment::Captured};
inline constexpr Group kSamples{"call stack samples", Treatment::Captured};
inline constexpr Group kFrameImages{"frame images", Treatment::Captured};
inline constexpr Group kVsyncs{"vertical synchronisations", Treatment::Kept};
inline constexpr Group kLocks{"lock events", Treatment::Captured};
inline constexpr Group kMemory{"memory events", Treatment::Kept};
inline constexpr Group kGpuZones{"GPU zones", Treatment::Captured};
inline constexpr Group kGpuContexts{"GPU contexts", Treatment::Captured};
inline constexpr Group kSwitches{"context switches and wake-ups", Treatment::Captured};
inline constexpr Group kHardware{"hardware samples", Treatment::Captured};
inline constexpr Group kSections{"sections", Treatment::Kept};
inline constexpr Group kCrashes{"crash reports", Treatment::Captured};
inline constexpr Group kProcessorUse{"reports of processor use", Treatment::Captured};
inline constexpr Group kPowerUse{"reports of power use", Treatment::Captured};
inline constexpr Group kParameters{"parameters", Treatment::Captured};
inline constexpr Group kProcessors{"processors' places", Treatment::Captured};
inline constexpr Group kPart{"", Treatment::Silent};

// Fields that several events have.
inline constexpr Fields kNoFields{};
inline constexpr Fields kEcho{{{"pointer", U64, Echo}}};
inline constexpr Fields kPayload{{{"pointer", U64, Address}}};
inline constexpr Fields kMessage{{{"time", I64, AbsoluteTime}, {"metadata", U8, Metadata, 77}}};
inline constexpr Fields kColorMessage{
    {{"time", I64, AbsoluteTime}, {"color", U24, Color}, {"metadata", U8, Metadata, 77}}};
// Up to protocol 77 the time came first.
inline constexpr Fields kSample{
    {{"time", I64, SampleTime, 0, 78}, {"thread", U32, ThreadId}, {"time", I64, SampleTime, 78}}};
inline constexpr Fields kLockStep{{{"thread", U32, Thread}, {"id", U32}, {"time", I64, SerialTime}}};
inline constexpr Fields kAllocation{
    {{"time", I64, SerialTime}, {"thread", U32, Thread}, {"address", U64, Address}, {"size", U48, Size}}};
inline constexpr Fields kFree{{{"time", I64, SerialTime}, {"thread", U32, Thread}, {"address", U64, Address}}};
inline constexpr Fields kDiscard{{{"time", I64, SerialTime}, {"thread", U32, Thread}, {"pool", U64, Address}}};
inline constexpr Fields kGpuMoment{
    {{"time", I64, ThreadTime}, {"thread", U32, ThreadId}, {"query", U16}, {"context", U8}}};
inline constexpr Fields kSerialGpuMoment{
    {{"time", I64, SerialTime}, {"thread", U32, ThreadId}, {"query", U16}, {"context", U8}}};
inline constexpr Fields kGpuZone{{{"time", I64, ThreadTime},
                                  {"thread", U32, ThreadId},
                                  {"query", U16},
                                  {"context", U8},
                                  {"location", U64, Location}}};
inline constexpr Fields kSerialGpuZone{{{"time", I64, SerialTime},
                                        {"thread", U32, ThreadId},
                                        {"query", U16},
                                        {"context", U8},
                                        {"location", U64, Location}}};
inline constexpr Fields kHardwareSample{{{"address", U64, Address}, {"time", I64, AbsoluteTime}}};

// clang-format off
/// In the order of WireEvent: name, first protocol, what follows, what it uses up, what it is to users, fields.
inline constexpr std::array<WireEventFacts, kWireEventCount> kEvents{{
    {"ZoneText", 66, None, Takes::Text, kZones, kNoFields},
    {"ZoneName", 66, None, Takes::Text, kZones, kNoFields},
    {"Message", 66, None, Takes::Text, kMessages, kMessage},
    {"MessageColor", 66, None, Takes::Text, kMessages, kColorMessage},
    {"MessageCallstack", 66, None, Takes::Text, kMessages, kMessage},
    {"MessageColorCallstack", 66, None, Takes::Text, kMessages, kColorMessage},
    {"MessageAppInfo", 66, None, Takes::Text, kAppInfo, {{{"time", I64, AbsoluteTime}}}},
    {"ZoneBeginAllocSrcLoc", 66, None, Takes::Location, kZones, {{{"time", I64, ThreadTime}}}},
    {"ZoneBeginAllocSrcLocCallstack", 66, None, Takes::Location, kZones, {{{"time", I64, ThreadTime}}}},
    {"CallstackSerial", 66, None, Takes::Nothing, kCallstacks, kNoFields},
    {"Callstack", 66, None, Takes::Nothing, kCallstacks, kNoFields},
    {"CallstackAlloc", 66, None, Takes::Nothing, kCallstacks, kNoFields},
    {"CallstackSample", 66, None, Takes::Nothing, kSamples, kSample},
    {"CallstackSample32", 78, None, Takes::Nothing, kSamples, {{{"thread", U32, ThreadId}, {"time", U32, SampleTime}}}},
    {"CallstackSample16", 78, None, Takes::Nothing, kSamples, {{{"thread", U32, ThreadId}, {"time", U16, SampleTime}}}},
    {"CallstackSampleContextSwitch", 66, None, Takes::Nothing, kSamples, kSample},
    {"CallstackSampleContextSwitch32", 78, None, Takes::Nothing, kSamples,
     {{{"thread", U32, ThreadId}, {"time", U32, SampleTime}}}},
    {"CallstackSampleContextSwitch16", 78, None, Takes::Nothing, kSamples,
     {{{"thread", U32, ThreadId}, {"time", U16, SampleTime}}}},
    {"FrameImage", 66, None, Takes::Nothing, kFrameImages,
     {{{"frame", U32}, {"width", U16}, {"height", U16}, {"flip", U8}}}},
    {"ZoneBegin", 66, None, Takes::Nothing, kZones, {{{"time", I64, ZoneTime}, {"location", U64, Location}}}},
    {"ZoneBegin32", 78, None, Takes::Nothing, kZones, {{{"time", U32, ZoneTime}, {"location", U64, Location}}}},
    {"ZoneBegin16", 78, None, Takes::Nothing, kZones, {{{"time", U16, ZoneTime}, {"location", U64, Location}}}},
    {"ZoneBeginCallstack", 66, None, Takes::Nothing, kZones, {{{"time", I64, ZoneTime}, {"location", U64, Location}}}},
    {"ZoneBeginCallstack32", 78, None, Takes::Nothing, kZones,
     {{{"time", U32, ZoneTime}, {"location", U64, Location}}}},
    {"ZoneBeginCallstack16", 78, None, Takes::Nothing, kZones,
     {{{"time", U16, ZoneTime}, {"location", U64, Location}}}},
    {"ZoneEnd", 66, None, Takes::Nothing, kZones, {{{"time", I64, ZoneTime}}}},
    {"ZoneEnd32", 78, None, Takes::Nothing, kZones, {{{"time", U32, ZoneTime}}}},
    {"ZoneEnd16", 78, None, Takes::Nothing, kZones, {{{"time", U16, ZoneTime}}}},
    {"LockWait", 66, None, Takes::Nothing, kLocks, kLockStep},
    {"LockObtain", 66, None, Takes::Nothing, kLocks, kLockStep},
    {"LockRelease", 66, None, Takes::Nothing, kLocks, {{{"id", U32}, {"time", I64, SerialTime}}}},
    {"LockSharedWait", 66, None, Takes::Nothing, kLocks, kLockStep},
    {"LockSharedObtain", 66, None, Takes::Nothing, kLocks, kLockStep},
    {"LockSharedRelease", 66, None, Takes::Nothing, kLocks,
     {{{"id", U32}, {"time", I64, SerialTime}, {"thread", U32, Thread}}}},
    {"LockName", 66, None, Takes::Text, kLocks, {{{"id", U32}}}},
    {"MemAlloc", 66, None, Takes::Nothing, kMemory, kAllocation},
    {"MemAllocNamed", 66, None, Takes::Nothing, kMemory, kAllocation},
    {"MemFree", 66, None, Takes::Nothing, kMemory, kFree},
    {"MemFreeNamed", 66, None, Takes::Nothing, kMemory, kFree},
    {"MemAllocCallstack", 66, None, Takes::Nothing, kMemory, kAllocation},
    {"MemAllocCallstackNamed", 66, None, Takes::Nothing, kMemory, kAllocation},
    {"MemFreeCallstack", 66, None, Takes::Nothing, kMemory, kFree},
    {"MemFreeCallstackNamed", 66, None, Takes::Nothing, kMemory, kFree},
    {"MemDiscard", 72, None, Takes::Nothing, kMemory, kDiscard},
    {"MemDiscardCallstack", 72, None, Takes::Nothing, kMemory, kDiscard},
    {"GpuZoneBegin", 66, None, Takes::Nothing, kGpuZones, kGpuZone},
    {"GpuZoneBeginCallstack", 66, None, Takes::Nothing, kGpuZones, kGpuZone},
    {"GpuZoneBeginAllocSrcLoc", 66, None, Takes::Location, kGpuZones, kGpuMoment},
    {"GpuZoneBeginAllocSrcLocCallstack", 66, None, Takes::Location, kGpuZones, kGpuMoment},
    {"GpuZoneEnd", 66, None, Takes::Nothing, kPart, kGpuMoment},
    {"GpuZoneBeginSerial", 66, None, Takes::Nothing, kGpuZones, kSerialGpuZone},
    {"GpuZoneBeginCallstackSerial", 66, None, Takes::Nothing, kGpuZones, kSerialGpuZone},
    {"GpuZoneBeginAllocSrcLocSerial", 66, None, Takes::Location, kGpuZones, kSerialGpuMoment},
    {"GpuZoneBeginAllocSrcLocCallstackSerial", 66, None, Takes::Location, kGpuZones, kSerialGpuMoment},
    {"GpuZoneEndSerial", 66, None, Takes::Nothing, kPart, kSerialGpuMoment},
    {"PlotDataInt", 66, None, Takes::Nothing, kPlots,
     {{{"name", U64, PlotName}, {"time", I64, ThreadTime}, {"value", I64, Value}}}},
    {"PlotDataFloat", 66, None, Takes::Nothing, kPlots,
     {{{"name", U64, PlotName}, {"time", I64, ThreadTime}, {"value", F32, Value}}}},
    {"PlotDataDouble", 66, None, Takes::Nothing, kPlots,
     {{{"name", U64, PlotName}, {"time", I64, ThreadTime}, {"value", F64, Value}}}},
    {"ContextSwitch", 66, None, Takes::Nothing, kSwitches,
     {{{"time", I64, SwitchTime}, {"old", U32, ThreadId}, {"new", U32, ThreadId}, {"cpu", U8}, {"reason", U8},
       {"state", U8}, {"c_state", U8, Number, 73}, {"new_priority", I8, Number, 73}, {"old_priority", I8, Number, 73}}}},
    {"ThreadWakeup", 66, None, Takes::Nothing, kSwitches,
     {{{"time", I64, SwitchTime}, {"thread", U32, ThreadId}, {"cpu", U8, Number, 73},
       {"adjust_reason", I8, Number, 73}, {"adjust_increment", I8, Number, 73}}}},
    {"GpuTime", 66, None, Takes::Nothing, kPart, {{{"gpu_time", I64, GpuTime}, {"query", U16}, {"context", U8}}}},
    {"GpuContextName", 66, None, Takes::Text, kPart, {{{"context", U8}}}},
    {"GpuAnnotationName", 76, None, Takes::Text, kPart, {{{"note", I64}, {"context", U8}}}},
    {"CallstackFrameSize", 66, None, Takes::Text, kPart, {{{"pointer", U64, Echo}, {"size", U8, Size}}}},
    {"SymbolInformation", 66, None, Takes::Text, kPart, {{{"line", U32}, {"symbol", U64, Address}}}},
    {"ExternalNameMetadata", 66, NotOnWire, Takes::Nothing, kPart, kNoFields},
    {"SymbolCodeMetadata", 66, NotOnWire, Takes::Nothing, kPart, kNoFields},
    {"SourceCodeMetadata", 66, NotOnWire, Takes::Nothing, kPart, kNoFields},
    {"FiberEnter", 66, None, Takes::Nothing, kFibers,
     {{{"time", I64, ThreadTime}, {"fiber", U64, Fiber}, {"thread", U32, Thread}, {"hint", I32, Number, 68}}}},
    {"FiberLeave", 66, None, Takes::Nothing, kFibers, {{{"time", I64, ThreadTime}, {"thread", U32, Thread}}}},
    {"SectionEnter", 81, None, Takes::Text, kSections, {{{"time", I64, ThreadTime}, {"id", U32}, {"category", U16}}}},
    {"SectionLeave", 81, None, Takes::Nothing, kSections, {{{"time", I64, ThreadTime}, {"id", U32}}}},
    {"SectionSetup", 82, None, Takes::Text, kSections, {{{"category", U16}}}},
    {"Terminate", 66, None, Takes::Nothing, kTalk, kNoFields},
    {"KeepAlive", 66, None, Takes::Nothing, kPart, kNoFields},
    {"ThreadContext", 66, None, Takes::Nothing, kZones, {{{"thread", U32, ThreadId}}}},
    {"GpuCalibration", 66, None, Takes::Nothing, kPart,
     {{{"gpu_time", I64, OtherTime}, {"cpu_time", I64, OtherTime}, {"cpu_delta", I64}, {"context", U8}}}},
    {"GpuTimeSync", 66, None, Takes::Nothing, kPart,
     {{{"gpu_time", I64, OtherTime}, {"cpu_time", I64, OtherTime}, {"context", U8}}}},
    {"Crash", 66, None, Takes::Nothing, kTalk, kNoFields},
    {"CrashReport", 66, None, Takes::Nothing, kCrashes, {{{"time", I64, AbsoluteTime}, {"text", U64, Text}}}},
    {"ZoneValidation", 66, None, Takes::Nothing, kZones, {{{"id", U32}}}},
    {"ZoneColor", 66, None, Takes::Nothing, kZones, {{{"color", U24, Color}}}},
    {"ZoneValue", 66, None, Takes::Nothing, kZones, {{{"value", U64, Value}}}},
    {"FrameMarkMsg", 66, None, Takes::Nothing, kFrames, {{{"time", I64, AbsoluteTime}, {"name", U64, FrameName}}}},
    {"FrameMarkMsgStart", 66, None, Takes::Nothing, kFrames, {{{"time", I64, AbsoluteTime}, {"name", U64, FrameName}}}},
    {"FrameMarkMsgEnd", 66, None, Takes::Nothing, kFrames, {{{"time", I64, AbsoluteTime}, {"name", U64, FrameName}}}},
    {"FrameVsync", 66, None, Takes::Nothing, kVsyncs, {{{"time", I64, AbsoluteTime}, {"id", U32}}}},
    {"SourceLocation", 66, None, Takes::Nothing, kAnswers,
     {{{"name", U64, Text}, {"function", U64, Text}, {"file", U64, Text}, {"line", U32}, {"color", U24, Color}}}},
    {"LockAnnounce", 66, None, Takes::Nothing, kLocks,
     {{{"id", U32}, {"time", I64, OtherTime}, {"location", U64, Location}, {"kind", U8}}}},
    {"LockTerminate", 66, None, Takes::Nothing, kLocks, {{{"id", U32}, {"time", I64, OtherTime}}}},
    {"LockMark", 66, None, Takes::Nothing, kLocks,
     {{{"thread", U32, ThreadId}, {"id", U32}, {"location", U64, Location}}}},
    {"MessageLiteral", 66, None, Takes::Nothing, kMessages, {{{"time", I64, AbsoluteTime}, {"text", U64, TaggedText}}}},
    {"MessageLiteralColor", 66, None, Takes::Nothing, kMessages,
     {{{"time", I64, AbsoluteTime}, {"color", U24, Color}, {"text", U64, TaggedText}}}},
    {"MessageLiteralCallstack", 66, None, Takes::Nothing, kMessages,
     {{{"time", I64, AbsoluteTime}, {"text", U64, TaggedText}}}},
    {"MessageLiteralColorCallstack", 66, None, Takes::Nothing, kMessages,
     {{{"time", I64, AbsoluteTime}, {"color", U24, Color}, {"text", U64, TaggedText}}}},
    {"GpuNewContext", 66, None, Takes::Nothing, kGpuContexts,
     {{{"cpu_time", I64, OtherTime}, {"gpu_time", I64, OtherTime}, {"thread", U32, ThreadId}, {"period", F32},
       {"context", U8}, {"flags", U8}, {"kind", U8}}}},
    {"CallstackFrame", 66, None, Takes::TwoTexts, kPart,
     {{{"line", U32}, {"symbol", U64, Address}, {"length", U32, Size}}}},
    {"SysTimeReport", 66, None, Takes::Nothing, kProcessorUse, {{{"time", I64, AbsoluteTime}, {"value", F32, Value}}}},
    {"SysPowerReport", 66, None, Takes::Nothing, kPowerUse,
     {{{"time", I64, AbsoluteTime}, {"delta", U64, Value}, {"name", U64, Text}}}},
    {"TidToPid", 66, None, Takes::Nothing, kPart, {{{"tid", U64}, {"pid", U64}}}},
    {"HwSampleCpuCycle", 66, None, Takes::Nothing, kHardware, kHardwareSample},
    {"HwSampleInstructionRetired", 66, None, Takes::Nothing, kHardware, kHardwareSample},
    {"HwSampleCacheReference", 66, None, Takes::Nothing, kHardware, kHardwareSample},
    {"HwSampleCacheMiss", 66, None, Takes::Nothing, kHardware, kHardwareSample},
    {"HwSampleBranchRetired", 66, None, Takes::Nothing, kHardware, kHardwareSample},
    {"HwSampleBranchMiss", 66, None, Takes::Nothing, kHardware, kHardwareSample},
    {"PlotConfig", 66, None, Takes::Nothing, kPlots,
     {{{"name", U64, PlotName}, {"kind", U8}, {"step", U8}, {"fill", U8}, {"color", U32, Color}}}},
    {"ParamSetup", 66, None, Takes::Nothing, kParameters,
     {{{"index", U32}, {"name", U64, Text}, {"kind", U8}, {"value", I32, Value}}}},
    {"AckServerQueryNoop", 66, None, Takes::Nothing, kPart, kNoFields},
    {"AckSourceCodeNotAvailable", 66, None, Takes::Nothing, kPart, {{{"id", U32, Echo}}}},
    {"AckSymbolCodeNotAvailable", 66, None, Takes::Nothing, kPart, kNoFields},
    {"CpuTopology", 66, None, Takes::Nothing, kProcessors,
     {{{"package", U32}, {"die", U32, Number, 69}, {"core", U32}, {"thread", U32}}}},
    {"SingleStringData", 66, Text16, Takes::Nothing, kTalk, kNoFields},
    {"SecondStringData", 66, Text16, Takes::Nothing, kPart, kNoFields},
    {"SingleStringData8", 80, Text8, Takes::Nothing, kTalk, kNoFields},
    {"SecondStringData8", 80, Text8, Takes::Nothing, kPart, kNoFields},
    {"MemNamePayload", 66, None, Takes::Nothing, kMemory, {{{"pool", U64, Text}}}},
    {"ThreadGroupHint", 67, None, Takes::Nothing, kFibers, {{{"thread", U32, Thread}, {"hint", I32}}}},
    {"GpuZoneAnnotation", 76, None, Takes::Nothing, kPart,
     {{{"note", I64}, {"value", F64, Value}, {"thread", U32, ThreadId}, {"query", U16}, {"context", U8}}}},
    {"StringData", 66, Text16, Takes::Nothing, kAnswers, kEcho},
    {"ThreadName", 66, Text16, Takes::Nothing, kAnswers, kEcho},
    {"PlotName", 66, Text16, Takes::Nothing, kAnswers, kEcho},
    {"SourceLocationPayload", 66, Text16, Takes::Nothing, kTalk, kPayload},
    {"CallstackPayload", 66, Text16, Takes::Nothing, kPart, kPayload},
    {"CallstackAllocPayload", 66, Text16, Takes::Nothing, kPart, kPayload},
    {"FrameName", 66, Text16, Takes::Nothing, kAnswers, kEcho},
    {"FrameImageData", 66, Data32, Takes::Nothing, kPart, kPayload},
    {"ExternalName", 66, Text16, Takes::Nothing, kPart, kEcho},
    {"ExternalThreadName", 66, Text16, Takes::Nothing, kPart, kEcho},
    {"SymbolCode", 66, Data32, Takes::Nothing, kPart, kEcho},
    {"SourceCode", 66, Data32, Takes::Nothing, kPart, kEcho},
    {"FiberName", 66, Text16, Takes::Nothing, kAnswers, kEcho},
}};
// clang-format on

}  // namespace rows

constexpr const WireEventFacts& row_of(WireEvent event) noexcept {
    return rows::kEvents[static_cast<std::size_t>(event)];
}

/// The slot of a field: one for each name of an event, in the order of the row; kMaxFields when there is none.
constexpr std::size_t slot_of(WireEvent event, std::string_view name) noexcept {
    std::size_t slot = 0;
    const Fields& fields = row_of(event).fields;
    for (std::size_t i = 0; i < kMaxFields && !fields[i].name.empty(); ++i) {
        bool is_repeated = false;
        for (std::size_t before = 0; before < i; ++before) is_repeated |= fields[before].name == fields[i].name;
        if (fields[i].name == name && !is_repeated) return slot;
        if (!is_repeated) ++slot;
    }
    return kMaxFields;
}

constexpr void add_event(Dialect& dialect, WireEvent event) noexcept {
    const auto index = static_cast<std::size_t>(event);
    dialect.events[dialect.event_count] = event;
    dialect.numbers[index] = dialect.event_count++;
    std::uint8_t place = 0;
    for (const Field& field : row_of(event).fields) {
        if (field.name.empty() || !field.is_in(dialect.protocol)) continue;
        dialect.places[index][slot_of(event, field.name)] = place;
        place = static_cast<std::uint8_t>(place + size_of(field.type));
    }
    dialect.fixed_sizes[index] = static_cast<std::uint8_t>(place + 1);
}

constexpr Dialect make_dialect(std::uint32_t protocol, std::string_view releases) noexcept {
    Dialect dialect{};
    dialect.protocol = protocol;
    dialect.releases = releases;
    dialect.numbers.fill(Dialect::kAbsent);
    for (Dialect::Places& places : dialect.places) places.fill(Dialect::kAbsent);
    for (std::size_t i = 0; i < kWireEventCount; ++i) {
        if (rows::kEvents[i].since <= protocol) add_event(dialect, static_cast<WireEvent>(i));
    }
    dialect.welcome_has_delay = protocol < 75;
    dialect.short_times = protocol >= 78;
    dialect.short_strings = protocol >= 80;
    dialect.tagged_addresses = protocol >= 79;
    return dialect;
}

inline constexpr std::array kDialects{
    make_dialect(66, "0.11.0"),
    make_dialect(69, "0.11.1"),
    make_dialect(72, "between 0.11.1 and 0.12.0"),
    make_dialect(74, "0.12.0 - 0.12.2"),
    make_dialect(76, "0.13.0 - 0.13.1"),
    make_dialect(82, "0.14.0"),
};

}  // namespace tracypy::protocol
