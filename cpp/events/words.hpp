// How a thread's events lie in memory: as plain 64-bit words. Only put(), which writers use, and thread_walk.hpp know.
//
// The words are exactly what the handlers wrote, so that the seam between recorder and sinks costs nothing per event.
// The lowest two bits of an event's first word say what it is:
//
//     00  ZoneBegin       bits 2..63 the tick; then a word with the SourceLocationId
//     01  ZoneEnd         bits 2..63 the tick
//     10  any other kind  bits 2..7 the Kind, bits 8..63 the bytes of its text; then a word for each field but the
//                         text, in their order; then the text, padded to a whole word with zeros
//
// Example: a call of location 7 from tick 0x100 to 0x180 is the three words 0x400 7 0x601.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <vector>

#include "events/vocabulary.hpp"

namespace tracypy::events {

using Word = std::uint64_t;

inline constexpr std::size_t kBeginWords = 2;
inline constexpr std::size_t kEndWords = 1;

namespace layout {

inline constexpr Word kBegin = 0, kEnd = 1, kOther = 2;
inline constexpr unsigned kTagBits = 2, kKindBits = 6;
inline constexpr Word kTagMask = (Word{1} << kTagBits) - 1;
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

/// Of a kind that does not exist, or has a form of its own: more words than any batch has.
inline constexpr std::uint32_t kNoSuchKind = 0xFFFF'FFFF;

constexpr std::array<std::uint32_t, kMostKinds> field_words_by_kind() noexcept {
    std::array<std::uint32_t, kMostKinds> words{};
    words.fill(kNoSuchKind);
#define TRACYPY_FIELD_WORDS(number, name, fields) \
    if (ZoneDetail<name> || ThreadMoment<name>) words[number] = field_words<name>();
    TRACYPY_THREAD_EVENTS(TRACYPY_FIELD_WORDS, )
#undef TRACYPY_FIELD_WORDS
    return words;
}
inline constexpr auto kFieldWords = field_words_by_kind();

/// Of the event that starts at `event`; more than there are if it is cut.
constexpr std::size_t words_at(const Word* event) noexcept {
    const Word tag = event[0] & kTagMask;
    if (tag == kEnd) return kEndWords;
    if (tag == kBegin) return kBeginWords;
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

inline std::size_t words_of(const ZoneBegin&) noexcept {
    return kBeginWords;
}
inline std::size_t words_of(const ZoneEnd&) noexcept {
    return kEndWords;
}
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

inline Word* put(Word* at, const ZoneBegin& event) noexcept {
    at[0] = static_cast<Word>(event.tick) << layout::kTagBits | layout::kBegin;
    at[1] = static_cast<Word>(event.location);
    return at + kBeginWords;
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

inline void append(std::vector<Word>& words, const ZoneBegin& event) {
    Word at[kBeginWords];
    put(at, event);
    for (const Word word : at) words.push_back(word);
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
