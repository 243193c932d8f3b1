// Facts of a journal file, for its writer and its reader. docs/tracefile.md tells them in order.
//
// A journal is a sequence of packets, each an LZ4 frame, so that `lz4 -dc` can walk it. The first one is skippable and
// says what this is; each of the others has a checksum and holds either notes (definitions, frame marks, clock) or
// events of one thread. Nothing is ever changed once it is written: whatever is whole at the start of a cut file is
// good.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tracypy::journal {

static_assert(std::endian::native == std::endian::little);

inline constexpr std::uint32_t kSkippableMagic = 0x184D'2A5A;  // one of the 16 that LZ4 leaves to others
inline constexpr std::uint32_t kLz4Magic = 0x184D'2204;
inline constexpr std::string_view kMagicText = "tracypy journal\n";  // in the skippable packet, then the version
inline constexpr std::uint32_t kVersion = 3;
/// Of the segments of a ring (ring.hpp), and of the file that stands for all of them.
inline constexpr std::uint32_t kRingVersion = 4;
/// Before lengths came: notes and rare events of versions 1 and 2 (a ring's) can only be read by who knows them all.
inline constexpr std::uint32_t kOldestVersion = 1;
constexpr bool is_ring(std::uint32_t version) noexcept {
    return version % 2 == 0;
}
constexpr bool has_lengths(std::uint32_t version) noexcept {
    return version >= 3;
}
inline constexpr std::size_t kHeadBytes = 4 + 4 + kMagicText.size() + 4;

/// Of all times in a journal; whatever a damaged number says.
inline constexpr std::uint64_t kMaxTick = (std::uint64_t{1} << 60) - 1;

/// What a packet holds: its first byte.
/// Carried: as events, of what was open when the segment began; it counts in the first segment that is read.
enum class PacketKind : std::uint8_t { Notes = 0, Events = 1, Carried = 2 };

/// No packet holds more, uncompressed; the writer cuts far earlier.
inline constexpr std::size_t kMaxPacketBytes = 256 * 1024;

/// A packet of notes is a sequence of these, each followed by the length of its fields, and these. Numbers are LEB128
/// unless said otherwise, texts a length and bytes, times ticks. A reader skips, and tells, a note that it does not
/// know; fields that it does not know, behind the others, it does not look at.
enum class Note : std::uint8_t {
    Recording = 1,      // model::TraceInfo, the start, the first reading of the clock; the first note of all
    Text = 2,           // the next text, numbered from 1
    Location = 3,       // the next location, numbered from 0: texts of name, function, file (0: none), line, colour
    ThreadName = 4,     // thread, name (inline)
    Mark = 5,           // until version 2: kind, text of the set's name, time since the start (8 bytes)
    Clock = 6,          // time since the start, nanoseconds (8 bytes each)
    End = 7,            // time since the start (8 bytes), number of events that were left out
    Segment = 8,        // time since the start (8 bytes) at which the segment begins; after Recording
    CarriedMark = 9,    // until version 2: as CarriedEvent
    Event = 10,         // of a kind that belongs to no thread: the kind (1 byte), its fields (fields.hpp)
    CarriedEvent = 11,  // the same, of what was in force when the segment began; counts where carried events do
    StackFrame = 12,    // the next line of call stacks, numbered from 0: location, line
    Callstack = 13,     // the next call stack, numbered from 1: how many frames, their numbers, innermost first
    Sources = 14,       // no fields: the trace is to have the texts of source files
    Machine = 15,       // whose counter it is, and the nanoseconds since 1970 at the start (8 bytes); after Recording
    NativeFrame = 16,   // as StackFrame, of machine code: address, text of the binary, how many calls; of each, below
};

/// Of each call that an address of machine code stands for, innermost first: texts of function and file, line, address
/// of the function.

/// Events are two columns: what happened, as numbers, and when, as the ticks since the event before it.
///
///     packet   kind, thread, ticks of the reference (since the start), bytes of the first column, both columns
///     what     0 end, 1 a rare event, else a begin at location n - 2
///     when     16 bits; what does not fit is kWide32 and 32 bits, or kWide64 and 64
///     a rare event: its kind, with kHasTime if it has a time in the second column; the length of its fields; these.
///                   Until version 2 without kHasTime and length
///
/// Example: location 7 begins 100 ticks after the reference and ends 20 later: 09 00 | 64 00 14 00.
inline constexpr std::uint8_t kCodeEnd = 0;
inline constexpr std::uint8_t kCodeRare = 1;
inline constexpr std::uint8_t kHasTime = 64;
inline constexpr std::uint32_t kFirstLocationCode = 2;
inline constexpr std::uint16_t kWide32 = 0xFFFE;
inline constexpr std::uint16_t kWide64 = 0xFFFF;

}  // namespace tracypy::journal
