// How a thread's events lie in memory: as plain 64-bit words. Only put(), which writers use, and thread_walk.hpp know.
//
// The words are exactly what the handlers wrote, so that the seam between recorder and sinks costs nothing per event.
// The lowest bits of an event's first word say what it is:
//
//      1  ZoneBegin, near  bits 1..18 the SourceLocationId, bits 19..63 the lower 45 bits of the tick
//     00  ZoneEnd          bits 2..63 the tick
//     10  any other kind   bits 2..7 the Kind, bits 8..63 the bytes of its text; then a word for each field but the
//                          text, in their order; then the text, padded to a whole word with zeros
//
// Example: a call of location 7 from tick 0x100 to 0x180 is the two words 0x800000F 0x600.
//
// A near begin is meant to lie within 2^44 ticks of the event before it, which is 58 minutes at 5 GHz. Who cannot know
// that writes a far one, which has the form of any other kind. A writer of the recorder's cannot be silent for so long
// unnoticed: as long as somebody drains, its slow path comes by ten times a second, and that writes far ones.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/source_locations.hpp"
#include "events/vocabulary.hpp"

namespace tracypy::events {

using Word = std::uint64_t;

inline constexpr std::size_t kNearBeginWords = 1;
inline constexpr std::size_t kBeginWords = 3;      // of a far one
inline constexpr std::size_t kMostBeginWords = 4;  // of one with a call stack
inline constexpr std::size_t kEndWords = 1;
inline constexpr std::size_t kLeaveWords = 2;

namespace layout {

inline constexpr Word kNearBegin = 1;  // one bit; the others are two
inline constexpr Word kEnd = 0, kOther = 2;
inline constexpr unsigned kTagBits = 2, kKindBits = 6;
inline constexpr Word kTagMask = (Word{1} << kTagBits) - 1;
inline constexpr unsigned kLocationShift = 1, kNearTickShift = 19;
inline constexpr Word kLocationMask = (Word{1} << (kNearTickShift - kLocationShift)) - 1;
static_assert(base::SourceLocationTable::kMaxLocations <= kLocationMask + 1);

/// `last`: the tick of the event before.
constexpr base::Ticks near_tick_of(Word head, base::Ticks last) noexcept {
    const Word moved = (head >> kNearTickShift) - static_cast<Word>(last);
    return last + (static_cast<base::Ticks>(moved << kNearTickShift) >> kNearTickShift);
}
static_assert(kMostKinds == 1u << kKindBits);

constexpr base::Ticks tick_of(Word head) noexcept {
    return static_cast<base::Ticks>(head >> kTagBits);
}
constexpr unsigned kind_of(Word head) noexcept {
    return static_cast<unsigned>(head >> kTagBits) & (kMostKinds - 1);
}
constexpr std::size_t text_bytes_of(Word head) noexcept {
    return head >> (kTagBits + kKindBits);
}
constexpr std::size_t words_for_bytes(std::size_t bytes) noexcept {
    return bytes / sizeof(Word) + (bytes % sizeof(Word) != 0 ? 1 : 0);
}

template <typename Field>
inline constexpr bool kIsText = std::is_same_v<std::remove_cv_t<Field>, std::string_view>;

/// Words of one kind besides head and text; 0 texts or 1.
template <typename Event>
constexpr std::uint32_t field_words() noexcept {
    std::uint32_t words = 0;
    each_field(Event{}, [&words](const auto& field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        static_assert(kIsText<Field> || sizeof(Field) <= sizeof(Word));
        if (!kIsText<Field>) ++words;
    });
    return words;
}

/// Whether `event` is of that kind, which has the form of any other kind.
template <typename Event>
constexpr bool is(const Word* event) noexcept {
    return (event[0] & (kTagMask | Word{kMostKinds - 1} << kTagBits)) ==
           (kOther | static_cast<Word>(Event::kKind) << kTagBits);
}

/// Of a kind that does not exist, or has a form of its own: more words than any batch has.
inline constexpr std::uint32_t kNoSuchKind = 0xFFFF'FFFF;

constexpr std::array<std::uint32_t, kMostKinds> field_words_by_kind() noexcept {
    std::array<std::uint32_t, kMostKinds> words{};
    words.fill(kNoSuchKind);
#define TRACYPY_FIELD_WORDS(number, name, fields) \
    if (number != static_cast<unsigned>(Kind::ZoneEnd)) words[number] = field_words<name>();
    TRACYPY_THREAD_EVENTS(TRACYPY_FIELD_WORDS, )
#undef TRACYPY_FIELD_WORDS
    return words;
}
inline constexpr auto kFieldWords = field_words_by_kind();

/// Of the kind that has the most.
inline constexpr std::uint32_t kMostFieldWords = [] {
    std::uint32_t most = 0;
    for (const std::uint32_t words : kFieldWords) {
        if (words != kNoSuchKind && words > most) most = words;
    }
    return most;
}();

/// Of the event that starts at `event`; more than there are if it is cut.
constexpr std::size_t words_at(const Word* event) noexcept {
    if ((event[0] & kNearBegin) != 0) return kNearBeginWords;
    if ((event[0] & kTagMask) == kEnd) return kEndWords;
    return std::size_t{1} + kFieldWords[kind_of(event[0])] + words_for_bytes(text_bytes_of(event[0]));
}

/// Reads a whole event.
template <typename Event>
Event get(const Word* at) noexcept {
    Event event;
    const std::size_t bytes = text_bytes_of(at[0]);
    ++at;
    each_field(event, [&at](auto& field) {
        using Field = std::remove_reference_t<decltype(field)>;
        if constexpr (!kIsText<Field>) {
            std::memcpy(&field, at, sizeof(field));
            ++at;
        }
    });
    each_field(event, [at, bytes](auto& field) {
        if constexpr (kIsText<std::remove_reference_t<decltype(field)>>) {
            field = {reinterpret_cast<const char*>(at), bytes};
        }
    });
    return event;
}

}  // namespace layout

inline std::size_t words_of(const ZoneEnd&) noexcept {
    return kEndWords;
}
/// The part of a near begin that a source location decides: the hot path takes it as it is. Of a location in the table.
class BeginBits {
public:
    static constexpr unsigned kBits = layout::kNearTickShift;

    constexpr BeginBits() noexcept = default;
    constexpr explicit BeginBits(base::SourceLocationId location) noexcept
        : bits_(static_cast<std::uint32_t>(location) << layout::kLocationShift |
                static_cast<std::uint32_t>(layout::kNearBegin)) {}
    /// From the lowest kBits of a word.
    static constexpr BeginBits of(Word word) noexcept {
        BeginBits begin;
        begin.bits_ = static_cast<std::uint32_t>(word) & ((1u << kBits) - 1);
        return begin;
    }

    constexpr std::uint32_t bits() const noexcept { return bits_; }
    constexpr base::SourceLocationId location() const noexcept {
        return static_cast<base::SourceLocationId>(bits_ >> layout::kLocationShift);
    }

private:
    std::uint32_t bits_ = 0;
};

/// How many words put() writes.
template <ThreadEvent Event>
std::size_t words_of(const Event& event) noexcept {
    std::size_t words = 1 + layout::field_words<Event>();
    each_field(event, [&words](const auto& field) {
        if constexpr (layout::kIsText<std::remove_cvref_t<decltype(field)>>) {
            words += layout::words_for_bytes(field.size());
        }
    });
    return words;
}

// put(at, event) writes an event, and returns where the next one goes. Hot for the first two.

/// Near: see above.
inline Word* put_near(Word* at, base::Ticks tick, BeginBits begin) noexcept {
    at[0] = static_cast<Word>(tick) << layout::kNearTickShift | begin.bits();
    return at + kNearBeginWords;
}
inline Word* put(Word* at, const ZoneEnd& event) noexcept {
    at[0] = static_cast<Word>(event.tick) << layout::kTagBits | layout::kEnd;
    return at + kEndWords;
}
template <ThreadEvent Event>
Word* put(Word* at, const Event& event) noexcept {
    std::string_view text;
    Word* field_at = at + 1;
    each_field(event, [&](const auto& field) {
        if constexpr (layout::kIsText<std::remove_cvref_t<decltype(field)>>) {
            text = field;
        } else {
            *field_at = 0;
            std::memcpy(field_at++, &field, sizeof(field));
        }
    });
    at[0] = static_cast<Word>(text.size()) << (layout::kTagBits + layout::kKindBits) |
            static_cast<Word>(Event::kKind) << layout::kTagBits | layout::kOther;
    const std::size_t text_words = layout::words_for_bytes(text.size());
    if (text_words != 0) {
        field_at[text_words - 1] = 0;
        std::memcpy(field_at, text.data(), text.size());
    }
    return field_at + text_words;
}

// append(words, event) is put() at the end of a list.

inline void append_near(std::vector<Word>& words, const ZoneBegin& event) {
    Word at;
    put_near(&at, event.tick, BeginBits(event.location));
    words.push_back(at);
}
inline void append(std::vector<Word>& words, const ZoneEnd& event) {
    Word at;
    put(&at, event);
    words.push_back(at);
}
template <ThreadEvent Event>
void append(std::vector<Word>& words, const Event& event) {
    const std::size_t at = words.size();
    words.resize(at + words_of(event));
    put(words.data() + at, event);
}

}  // namespace tracypy::events
