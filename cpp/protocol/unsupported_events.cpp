#include "protocol/unsupported_events.hpp"

#include <algorithm>

namespace tracypy::protocol {
namespace {

/// Empty for what is kept, and for what is a part of another event or of the conversation.
std::string_view kind_of(WireEvent event) noexcept {
    using enum WireEvent;
    switch (event) {
        case MessageAppInfo:
            return "lines about the program";
        case Callstack:
        case CallstackAlloc:
        case CallstackSerial:
            return "call stacks";
        case CallstackSample:
        case CallstackSample32:
        case CallstackSample16:
        case CallstackSampleContextSwitch:
        case CallstackSampleContextSwitch32:
        case CallstackSampleContextSwitch16:
            return "call stack samples";
        case FrameImage:
            return "frame images";
        case FrameVsync:
            return "vertical synchronisations";
        case LockAnnounce:
        case LockTerminate:
        case LockWait:
        case LockObtain:
        case LockRelease:
        case LockSharedWait:
        case LockSharedObtain:
        case LockSharedRelease:
        case LockMark:
        case LockName:
            return "lock events";
        case MemAlloc:
        case MemAllocNamed:
        case MemFree:
        case MemFreeNamed:
        case MemAllocCallstack:
        case MemAllocCallstackNamed:
        case MemFreeCallstack:
        case MemFreeCallstackNamed:
        case MemDiscard:
        case MemDiscardCallstack:
            return "memory events";
        case GpuZoneBegin:
        case GpuZoneBeginCallstack:
        case GpuZoneBeginAllocSrcLoc:
        case GpuZoneBeginAllocSrcLocCallstack:
        case GpuZoneBeginSerial:
        case GpuZoneBeginCallstackSerial:
        case GpuZoneBeginAllocSrcLocSerial:
        case GpuZoneBeginAllocSrcLocCallstackSerial:
            return "GPU zones";
        case GpuNewContext:
            return "GPU contexts";
        case ContextSwitch:
        case ThreadWakeup:
            return "context switches and wake-ups";
        case HwSampleCpuCycle:
        case HwSampleInstructionRetired:
        case HwSampleCacheReference:
        case HwSampleCacheMiss:
        case HwSampleBranchRetired:
        case HwSampleBranchMiss:
            return "hardware samples";
        case SectionEnter:
            return "sections";
        case CrashReport:
            return "crash reports";
        case SysTimeReport:
            return "reports of processor use";
        case SysPowerReport:
            return "reports of power use";
        case ParamSetup:
            return "parameters";
        case CpuTopology:
            return "processors' places";
        default:
            return {};
    }
}

void add(std::vector<UnsupportedEvents>& list, std::string_view what, std::uint64_t count) {
    const auto known =
        std::find_if(list.begin(), list.end(), [what](const UnsupportedEvents& entry) { return entry.what == what; });
    if (known != list.end()) {
        known->count += count;
    } else {
        list.push_back({what, count});
    }
}

}  // namespace

void UnsupportedCounts::count_misfit(std::string_view what) {
    add(misfits_, what, 1);
}

std::vector<UnsupportedEvents> UnsupportedCounts::list() const {
    std::vector<UnsupportedEvents> found = misfits_;
    for (std::size_t i = 0; i < kWireEventCount; ++i) {
        const std::string_view what = kind_of(static_cast<WireEvent>(i));
        if (events_[i] != 0 && !what.empty()) add(found, what, events_[i]);
    }
    std::stable_sort(found.begin(), found.end(), [](const UnsupportedEvents& left, const UnsupportedEvents& right) {
        return left.count > right.count;
    });
    return found;
}

}  // namespace tracypy::protocol
