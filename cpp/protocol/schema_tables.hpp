// The tables behind schema.hpp, constexpr, so that layout_checks.cpp can hold them against known figures.
#pragma once

#include "protocol/schema.hpp"

namespace tracypy::protocol {

/// In the order of WireEvent: name, first protocol, fixed size in protocol 82, what follows.
inline constexpr std::array<WireEventFacts, kWireEventCount> kWireEventFacts{{
    {"ZoneText", 66, 1, Tail::None},
    {"ZoneName", 66, 1, Tail::None},
    {"Message", 66, 10, Tail::None},
    {"MessageColor", 66, 13, Tail::None},
    {"MessageCallstack", 66, 10, Tail::None},
    {"MessageColorCallstack", 66, 13, Tail::None},
    {"MessageAppInfo", 66, 9, Tail::None},
    {"ZoneBeginAllocSrcLoc", 66, 9, Tail::None},
    {"ZoneBeginAllocSrcLocCallstack", 66, 9, Tail::None},
    {"CallstackSerial", 66, 1, Tail::None},
    {"Callstack", 66, 1, Tail::None},
    {"CallstackAlloc", 66, 1, Tail::None},
    {"CallstackSample", 66, 13, Tail::None},
    {"CallstackSample32", 78, 9, Tail::None},
    {"CallstackSample16", 78, 7, Tail::None},
    {"CallstackSampleContextSwitch", 66, 13, Tail::None},
    {"CallstackSampleContextSwitch32", 78, 9, Tail::None},
    {"CallstackSampleContextSwitch16", 78, 7, Tail::None},
    {"FrameImage", 66, 10, Tail::None},
    {"ZoneBegin", 66, 17, Tail::None},
    {"ZoneBegin32", 78, 13, Tail::None},
    {"ZoneBegin16", 78, 11, Tail::None},
    {"ZoneBeginCallstack", 66, 17, Tail::None},
    {"ZoneBeginCallstack32", 78, 13, Tail::None},
    {"ZoneBeginCallstack16", 78, 11, Tail::None},
    {"ZoneEnd", 66, 9, Tail::None},
    {"ZoneEnd32", 78, 5, Tail::None},
    {"ZoneEnd16", 78, 3, Tail::None},
    {"LockWait", 66, 17, Tail::None},
    {"LockObtain", 66, 17, Tail::None},
    {"LockRelease", 66, 13, Tail::None},
    {"LockSharedWait", 66, 17, Tail::None},
    {"LockSharedObtain", 66, 17, Tail::None},
    {"LockSharedRelease", 66, 17, Tail::None},
    {"LockName", 66, 5, Tail::None},
    {"MemAlloc", 66, 27, Tail::None},
    {"MemAllocNamed", 66, 27, Tail::None},
    {"MemFree", 66, 21, Tail::None},
    {"MemFreeNamed", 66, 21, Tail::None},
    {"MemAllocCallstack", 66, 27, Tail::None},
    {"MemAllocCallstackNamed", 66, 27, Tail::None},
    {"MemFreeCallstack", 66, 21, Tail::None},
    {"MemFreeCallstackNamed", 66, 21, Tail::None},
    {"MemDiscard", 72, 21, Tail::None},
    {"MemDiscardCallstack", 72, 21, Tail::None},
    {"GpuZoneBegin", 66, 24, Tail::None},
    {"GpuZoneBeginCallstack", 66, 24, Tail::None},
    {"GpuZoneBeginAllocSrcLoc", 66, 16, Tail::None},
    {"GpuZoneBeginAllocSrcLocCallstack", 66, 16, Tail::None},
    {"GpuZoneEnd", 66, 16, Tail::None},
    {"GpuZoneBeginSerial", 66, 24, Tail::None},
    {"GpuZoneBeginCallstackSerial", 66, 24, Tail::None},
    {"GpuZoneBeginAllocSrcLocSerial", 66, 16, Tail::None},
    {"GpuZoneBeginAllocSrcLocCallstackSerial", 66, 16, Tail::None},
    {"GpuZoneEndSerial", 66, 16, Tail::None},
    {"PlotDataInt", 66, 25, Tail::None},
    {"PlotDataFloat", 66, 21, Tail::None},
    {"PlotDataDouble", 66, 25, Tail::None},
    {"ContextSwitch", 66, 23, Tail::None},
    {"ThreadWakeup", 66, 16, Tail::None},
    {"GpuTime", 66, 12, Tail::None},
    {"GpuContextName", 66, 2, Tail::None},
    {"GpuAnnotationName", 76, 10, Tail::None},
    {"CallstackFrameSize", 66, 10, Tail::None},
    {"SymbolInformation", 66, 13, Tail::None},
    {"ExternalNameMetadata", 66, 1, Tail::NotOnWire},
    {"SymbolCodeMetadata", 66, 1, Tail::NotOnWire},
    {"SourceCodeMetadata", 66, 1, Tail::NotOnWire},
    {"FiberEnter", 66, 25, Tail::None},
    {"FiberLeave", 66, 13, Tail::None},
    {"SectionEnter", 81, 15, Tail::None},
    {"SectionLeave", 81, 13, Tail::None},
    {"SectionSetup", 82, 3, Tail::None},
    {"Terminate", 66, 1, Tail::None},
    {"KeepAlive", 66, 1, Tail::None},
    {"ThreadContext", 66, 5, Tail::None},
    {"GpuCalibration", 66, 26, Tail::None},
    {"GpuTimeSync", 66, 18, Tail::None},
    {"Crash", 66, 1, Tail::None},
    {"CrashReport", 66, 17, Tail::None},
    {"ZoneValidation", 66, 5, Tail::None},
    {"ZoneColor", 66, 4, Tail::None},
    {"ZoneValue", 66, 9, Tail::None},
    {"FrameMarkMsg", 66, 17, Tail::None},
    {"FrameMarkMsgStart", 66, 17, Tail::None},
    {"FrameMarkMsgEnd", 66, 17, Tail::None},
    {"FrameVsync", 66, 13, Tail::None},
    {"SourceLocation", 66, 32, Tail::None},
    {"LockAnnounce", 66, 22, Tail::None},
    {"LockTerminate", 66, 13, Tail::None},
    {"LockMark", 66, 17, Tail::None},
    {"MessageLiteral", 66, 17, Tail::None},
    {"MessageLiteralColor", 66, 20, Tail::None},
    {"MessageLiteralCallstack", 66, 17, Tail::None},
    {"MessageLiteralColorCallstack", 66, 20, Tail::None},
    {"GpuNewContext", 66, 28, Tail::None},
    {"CallstackFrame", 66, 17, Tail::None},
    {"SysTimeReport", 66, 13, Tail::None},
    {"SysPowerReport", 66, 25, Tail::None},
    {"TidToPid", 66, 17, Tail::None},
    {"HwSampleCpuCycle", 66, 17, Tail::None},
    {"HwSampleInstructionRetired", 66, 17, Tail::None},
    {"HwSampleCacheReference", 66, 17, Tail::None},
    {"HwSampleCacheMiss", 66, 17, Tail::None},
    {"HwSampleBranchRetired", 66, 17, Tail::None},
    {"HwSampleBranchMiss", 66, 17, Tail::None},
    {"PlotConfig", 66, 16, Tail::None},
    {"ParamSetup", 66, 18, Tail::None},
    {"AckServerQueryNoop", 66, 1, Tail::None},
    {"AckSourceCodeNotAvailable", 66, 5, Tail::None},
    {"AckSymbolCodeNotAvailable", 66, 1, Tail::None},
    {"CpuTopology", 66, 17, Tail::None},
    {"SingleStringData", 66, 1, Tail::Text16},
    {"SecondStringData", 66, 1, Tail::Text16},
    {"SingleStringData8", 80, 1, Tail::Text8},
    {"SecondStringData8", 80, 1, Tail::Text8},
    {"MemNamePayload", 66, 9, Tail::None},
    {"ThreadGroupHint", 67, 9, Tail::None},
    {"GpuZoneAnnotation", 76, 24, Tail::None},
    {"StringData", 66, 9, Tail::Text16},
    {"ThreadName", 66, 9, Tail::Text16},
    {"PlotName", 66, 9, Tail::Text16},
    {"SourceLocationPayload", 66, 9, Tail::Text16},
    {"CallstackPayload", 66, 9, Tail::Text16},
    {"CallstackAllocPayload", 66, 9, Tail::Text16},
    {"FrameName", 66, 9, Tail::Text16},
    {"FrameImageData", 66, 9, Tail::Data32},
    {"ExternalName", 66, 9, Tail::Text16},
    {"ExternalThreadName", 66, 9, Tail::Text16},
    {"SymbolCode", 66, 9, Tail::Data32},
    {"SourceCode", 66, 9, Tail::Data32},
    {"FiberName", 66, 9, Tail::Text16},
}};

/// Events that were smaller once: `fixed_size` held for protocols below `before`.
struct EarlierSize {
    WireEvent event;
    std::uint8_t before;
    std::uint8_t fixed_size;
};

inline constexpr EarlierSize kEarlierSizes[] = {
    {WireEvent::FiberEnter, 68, 21},             // no group hint
    {WireEvent::CpuTopology, 69, 13},            // no die
    {WireEvent::ContextSwitch, 73, 20},          // no C state, no priorities
    {WireEvent::ThreadWakeup, 73, 13},           // no processor, no adjustments
    {WireEvent::Message, 77, 9},                 // no source and severity
    {WireEvent::MessageColor, 77, 12},           // likewise
    {WireEvent::MessageCallstack, 77, 9},        // likewise
    {WireEvent::MessageColorCallstack, 77, 12},  // likewise
};

constexpr Dialect make_dialect(std::uint32_t protocol, std::string_view releases) noexcept {
    Dialect dialect{};
    dialect.protocol = protocol;
    dialect.releases = releases;
    dialect.numbers.fill(Dialect::kAbsent);
    for (std::size_t i = 0; i < kWireEventCount; ++i) {
        if (kWireEventFacts[i].since > protocol) continue;
        dialect.events[dialect.event_count] = static_cast<WireEvent>(i);
        dialect.numbers[i] = dialect.event_count++;
        dialect.fixed_sizes[i] = kWireEventFacts[i].fixed_size;
    }
    for (const EarlierSize& earlier : kEarlierSizes) {
        if (protocol < earlier.before)
            dialect.fixed_sizes[static_cast<std::size_t>(earlier.event)] = earlier.fixed_size;
    }
    dialect.welcome_has_delay = protocol < 75;
    dialect.small_zone_deltas = protocol >= 78;
    dialect.message_metadata = protocol >= 77;
    dialect.short_strings = protocol >= 80;
    dialect.tagged_addresses = protocol >= 79;
    dialect.sample_thread_first = protocol >= 78;
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
