// The wire's figures, frozen: numbers and sizes counted by hand from the protocol's definition, held against the
// tables at compile time. No code.
#include "protocol/handshake.hpp"
#include "protocol/schema_tables.hpp"
#include "protocol/wire_block_writer.hpp"

namespace tracypy::protocol {
namespace {

constexpr const Dialect& dialect(std::uint32_t protocol) {
    for (const Dialect& candidate : kDialects) {
        if (candidate.protocol == protocol) return candidate;
    }
    throw "no such protocol";
}

constexpr bool is(std::uint32_t protocol, WireEvent event, int number, int fixed_size) {
    return dialect(protocol).number(event) == number && dialect(protocol).fixed_size(event) == fixed_size;
}

constexpr bool lies_at(std::uint32_t protocol, WireEvent event, std::string_view field, int place) {
    return dialect(protocol).place(event, slot_of(event, field)) == place;
}

using enum WireEvent;

// How many events there are.
static_assert(dialect(66).event_count == 112);
static_assert(dialect(69).event_count == 113);
static_assert(dialect(72).event_count == 115);
static_assert(dialect(74).event_count == 115);
static_assert(dialect(76).event_count == 117);
static_assert(dialect(82).event_count == 132);
static_assert(kWireEventCount == 132);

// What every zone costs.
static_assert(is(66, ZoneBegin, 15, 17) && is(69, ZoneBegin, 15, 17) && is(72, ZoneBegin, 15, 17));
static_assert(is(74, ZoneBegin, 15, 17) && is(76, ZoneBegin, 15, 17) && is(82, ZoneBegin, 19, 17));
static_assert(is(82, ZoneBegin32, 20, 13) && is(82, ZoneBegin16, 21, 11) && !dialect(76).has(ZoneBegin16));
static_assert(is(66, ZoneEnd, 17, 9) && is(76, ZoneEnd, 17, 9) && is(82, ZoneEnd, 25, 9));
static_assert(is(82, ZoneEnd32, 26, 5) && is(82, ZoneEnd16, 27, 3));

// What moved or grew, before and after.
static_assert(is(66, Terminate, 57, 1) && is(72, Terminate, 59, 1) && is(76, Terminate, 60, 1));
static_assert(is(82, Terminate, 73, 1));
static_assert(is(66, ThreadContext, 59, 5) && is(76, ThreadContext, 62, 5) && is(82, ThreadContext, 75, 5));
static_assert(is(66, Message, 2, 9) && is(76, Message, 2, 9) && is(82, Message, 2, 10));
static_assert(is(76, MessageColor, 3, 12) && is(82, MessageColor, 3, 13));
static_assert(is(66, FiberEnter, 55, 21) && is(69, FiberEnter, 55, 25));
static_assert(is(66, SourceLocation, 71, 32) && is(82, SourceLocation, 87, 32));
static_assert(is(66, FrameMarkMsg, 67, 17) && is(82, FrameMarkMsg, 83, 17));
static_assert(is(66, StringData, 99, 9) && is(69, StringData, 100, 9) && is(74, StringData, 102, 9));
static_assert(is(76, StringData, 104, 9) && is(82, StringData, 119, 9));
static_assert(is(66, SingleStringData, 96, 1) && is(82, SingleStringData, 112, 1) && is(82, SingleStringData8, 114, 1));
static_assert(is(66, ContextSwitch, 46, 20) && is(74, ContextSwitch, 48, 23));
static_assert(dialect(66).events[99] == StringData && dialect(82).events[131] == FiberName);

// Fields that moved or came later, behind the event's number; and those that follow one of a different size.
static_assert(lies_at(66, CallstackSample, "time", 0) && lies_at(66, CallstackSample, "thread", 8));
static_assert(lies_at(82, CallstackSample, "time", 4) && lies_at(82, CallstackSample, "thread", 0));
static_assert(lies_at(66, CpuTopology, "core", 4) && lies_at(69, CpuTopology, "core", 8));
static_assert(lies_at(66, CpuTopology, "die", Dialect::kAbsent) && lies_at(69, CpuTopology, "die", 4));
static_assert(lies_at(66, FiberEnter, "hint", Dialect::kAbsent) && lies_at(69, FiberEnter, "hint", 20));
static_assert(lies_at(76, MessageColor, "metadata", Dialect::kAbsent) && lies_at(82, MessageColor, "metadata", 11));
static_assert(lies_at(66, MessageLiteralColor, "text", 11) && lies_at(66, GpuZoneBegin, "location", 15));
static_assert(lies_at(66, LockAnnounce, "location", 12) && lies_at(66, LockSharedRelease, "thread", 12));
static_assert(lies_at(66, SourceLocation, "color", 28) && lies_at(66, MemAlloc, "size", 20));

// Outside the stream.
static_assert(kGreetingBytes == 12 && kQueryBytes == 1 + 8 + 4);
static_assert(kWelcomeBytes == 8 * 8 + 1 + 1 + 12 + 4 + kProgramNameBytes + kHostInfoBytes);
static_assert(kOnDemandBytes == 16 && WireBlockWriter::kBlockBytes == 262'144);
static_assert(static_cast<int>(QueryKind::Disconnect) == 9 && static_cast<int>(QueryKind::DataTransferPart) == 15);

}  // namespace
}  // namespace tracypy::protocol
