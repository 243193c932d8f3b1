// The vocabulary: what can happen on a thread, one row for each kind.
//
// From a row follow the struct that visitors get, its number, its words in a thread's buffer (words.hpp), how a walk
// hands it over (thread_walk.hpp) and how a journal stores it. An event with a tick happens on its thread; one without
// says something about the zone that is innermost there.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "base/clock.hpp"
#include "base/ids.hpp"

// Numbers stay for ever: journals have them. At most one text for each kind.
#define TRACYPY_THREAD_EVENTS(EVENT, FIELD)                                               \
    EVENT(0, ZoneBegin, FIELD(base::Ticks, tick) FIELD(base::SourceLocationId, location)) \
    EVENT(1, ZoneEnd, FIELD(base::Ticks, tick))                                           \
    EVENT(2, ZoneText, FIELD(std::string_view, text))                                     \
    EVENT(3, ZoneName, FIELD(std::string_view, text))                                     \
    EVENT(4, ZoneValue, FIELD(std::uint64_t, value))                                      \
    EVENT(5, ZoneColor, FIELD(std::uint32_t, color)) /* 0xRRGGBB */                       \
    EVENT(6, Message, FIELD(base::Ticks, tick) FIELD(std::uint32_t, color) FIELD(std::string_view, text))

namespace tracypy::events {

#define TRACYPY_ENUMERATOR(number, name, fields) name = number,
enum class Kind : std::uint8_t { TRACYPY_THREAD_EVENTS(TRACYPY_ENUMERATOR, ) };
#undef TRACYPY_ENUMERATOR

/// Kinds are numbered below this.
inline constexpr unsigned kMostKinds = 64;

#define TRACYPY_MEMBER(type, name) type name{};
#define TRACYPY_STRUCT(number, name, fields)      \
    struct name {                                 \
        static constexpr Kind kKind = Kind::name; \
        static_assert(number < kMostKinds);       \
        fields                                    \
    };
TRACYPY_THREAD_EVENTS(TRACYPY_STRUCT, TRACYPY_MEMBER)
#undef TRACYPY_STRUCT
#undef TRACYPY_MEMBER

// each_field(event, visit) calls visit(field) for each field in order.
#define TRACYPY_VISIT(type, name) visit(event.name);
#define TRACYPY_EACH_FIELD(number, name, fields)                       \
    template <typename Visit>                                          \
    constexpr void each_field(const name& event, const Visit& visit) { \
        fields                                                         \
    }                                                                  \
    template <typename Visit>                                          \
    constexpr void each_field(name& event, const Visit& visit) {       \
        fields                                                         \
    }
TRACYPY_THREAD_EVENTS(TRACYPY_EACH_FIELD, TRACYPY_VISIT)
#undef TRACYPY_EACH_FIELD
#undef TRACYPY_VISIT

template <typename Event>
concept ThreadEvent = std::same_as<std::remove_cv_t<decltype(Event::kKind)>, Kind>;

/// Something about the innermost zone.
template <typename Event>
concept ZoneDetail = ThreadEvent<Event> && !requires(const Event& event) { event.tick; };

/// Something that happened on the thread beside its zones.
template <typename Event>
concept ThreadMoment =
    ThreadEvent<Event> && !ZoneDetail<Event> && !std::same_as<Event, ZoneBegin> && !std::same_as<Event, ZoneEnd>;

}  // namespace tracypy::events
