// The vocabulary: what can happen on a thread, as plain 64-bit words.
//
// A thread's events are a sequence of words, exactly as the handlers wrote them, so that the seam between recorder
// and sinks costs nothing per event. Each event starts with a header word:
//
//     bits 0..3   Kind
//     bits 4..63  for kinds with a time: the tick; for the others: a length or a colour, as below
//
//     ZoneBegin   header(tick), SourceLocationId
//     ZoneEnd     header(tick)
//     ZoneText    header(bytes), then the UTF-8 bytes, padded with zeros to a whole word
//     ZoneName    header(bytes), bytes                      both belong to the innermost open zone
//     ZoneValue   header(0), value
//     ZoneColor   header(0xRRGGBB)
//     Message     header(tick), (bytes << 32 | 0xRRGGBB), bytes      colour 0: the viewer's default
//
// Example: a call of location 7 from tick 0x100 to 0x180 is the three words 0x1000 7 0x1801.
// Invariant that every sink may rely on: ticks never decrease within a thread, and a ZoneEnd has an open zone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace tracypy::events {

using Word = std::uint64_t;

enum class Kind : std::uint8_t {
    ZoneBegin = 0,
    ZoneEnd = 1,
    ZoneText = 2,
    ZoneName = 3,
    ZoneValue = 4,
    ZoneColor = 5,
    Message = 6,
};

inline constexpr unsigned kKindBits = 4;
inline constexpr Word kKindMask = (Word{1} << kKindBits) - 1;

constexpr Word header(Kind kind, Word payload) noexcept {
    return payload << kKindBits | static_cast<Word>(kind);
}
constexpr Kind kind_of(Word word) noexcept {
    return static_cast<Kind>(word & kKindMask);
}
constexpr Word payload_of(Word word) noexcept {
    return word >> kKindBits;
}
constexpr std::size_t words_for_bytes(std::size_t bytes) noexcept {
    return (bytes + sizeof(Word) - 1) / sizeof(Word);
}

/// The number of words of the event that starts at `event`.
constexpr std::size_t event_words(const Word* event) noexcept {
    switch (kind_of(event[0])) {
        case Kind::ZoneBegin:
        case Kind::ZoneValue:
            return 2;
        case Kind::ZoneText:
        case Kind::ZoneName:
            return 1 + words_for_bytes(payload_of(event[0]));
        case Kind::Message:
            return 2 + words_for_bytes(event[1] >> 32);
        case Kind::ZoneEnd:
        case Kind::ZoneColor:
            break;
    }
    return 1;
}

/// True when a whole event of a known kind starts at `event`.
constexpr bool is_whole(const Word* event, const Word* end) noexcept {
    if (kind_of(event[0]) > Kind::Message) return false;
    if (kind_of(event[0]) == Kind::Message && end - event < 2) return false;
    return event_words(event) <= static_cast<std::size_t>(end - event);
}

/// Consecutive events of one thread; whole events only, oldest first.
struct ThreadBatch {
    base::ThreadId thread;
    std::span<const Word> words;
};

/// Marks belong to no thread; all of them, from every thread, come in the order of their ticks.
struct FrameMark {
    enum class Kind : std::uint8_t { Continuous, Start, End };
    base::Ticks ticks;
    base::StringId name;  // None: the default set of frames (Continuous only)
    Kind kind;
};

/// A line of the log that comes by itself, in no order, not among its thread's events.
struct LooseMessage {
    base::ThreadId thread;
    base::Ticks ticks;
    base::StringId text;
    std::uint32_t color;    // 0xRRGGBB, zero for none
    std::uint8_t source;    // 0 the program, 1 its profiler
    std::uint8_t severity;  // 0 trace, 1 debug, 2 information, 3 warning, 4 error, 5 fatal
};

/// A point of a curve. Curves belong to no thread; their points come in no order.
struct PlotPoint {
    base::Ticks ticks;
    base::StringId plot;
    double value;
};

/// How a curve wants to be drawn.
struct PlotStyle {
    enum class Format : std::uint8_t { Number, Memory, Percentage, Watt };
    base::StringId plot;
    Format format;
    bool shows_steps;
    bool is_filled;
    std::uint32_t color;  // 0xRRGGBB, zero for none
};

/// What a row is, where that is more than its name and its number.
struct ThreadFacts {
    base::ThreadId thread;
    std::uint64_t id;  // the system's number, or a fiber's
    bool is_fiber;
    std::int32_t group_hint;  // rows of one group stand together
};

}  // namespace tracypy::events
