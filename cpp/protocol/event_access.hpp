// Events by the names of their fields. What the rows do not have does not compile.
//
//     void on(const Incoming<WireEvent::ZoneColor>& event) { set_color(event.get<"color">()); }
//     encoder.write<WireEvent::FrameMarkMsg>(tick, name);
//
// A field that stands at the same place in all protocols costs what a fixed offset costs; the place of another is
// looked up in the dialect.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/ids.hpp"
#include "protocol/schema_tables.hpp"
#include "protocol/time_references.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {

/// A field's name as a template argument.
template <std::size_t kSize>
struct FieldName {
    char text[kSize];
    consteval FieldName(const char (&name)[kSize]) { std::copy_n(name, kSize, text); }
    constexpr std::string_view view() const { return {text, kSize - 1}; }
};

/// The number of an event's fields, each name once.
consteval std::size_t slots_of(WireEvent event) {
    std::size_t slots = 0;
    for (const Field& field : row_of(event).fields) {
        const std::size_t slot = field.name.empty() ? kMaxFields : slot_of(event, field.name);
        if (slot != kMaxFields) slots = std::max(slots, slot + 1);
    }
    return slots;
}

/// The field of a slot. One that moved is the same in both places, but for its protocols.
consteval Field field_at(WireEvent event, std::size_t slot) {
    for (const Field& field : row_of(event).fields) {
        if (!field.name.empty() && slot_of(event, field.name) == slot) return field;
    }
    throw "the event has no such field";
}

/// Every protocol that has the event has the field.
consteval bool is_always_there(WireEvent event, std::size_t slot) {
    return std::ranges::all_of(kDialects, [=](const Dialect& dialect) {
        return !dialect.has(event) || dialect.place(event, slot) != Dialect::kAbsent;
    });
}

/// The place that a field has in all protocols that have the event; kAbsent when it is not the same.
consteval std::uint8_t fixed_place(WireEvent event, std::size_t slot) {
    std::uint8_t place = kDialects.back().place(event, slot);
    for (const Dialect& dialect : kDialects) {
        if (dialect.has(event) && dialect.place(event, slot) != place) place = Dialect::kAbsent;
    }
    return place;
}

template <FieldType kType>
using ValueOf =
    std::tuple_element_t<static_cast<std::size_t>(kType),
                         std::tuple<std::uint8_t, std::int8_t, std::uint16_t, std::uint32_t, std::uint32_t,
                                    std::int32_t, std::uint64_t, std::uint64_t, std::int64_t, float, double>>;

template <FieldType kType>
ValueOf<kType> load(const char* bytes) noexcept {
    ValueOf<kType> value{};
    std::memcpy(&value, bytes, size_of(kType));  // a 24- or 48-bit number is the lower part of a wider one
    return value;
}

/// An event that a peer sent, whole.
template <WireEvent kEvent>
class Incoming {
public:
    /// `body`: behind the event's number.
    Incoming(const Dialect& dialect, const char* body, std::string_view tail) noexcept
        : dialect_(dialect), body_(body), tail_(tail) {}

    template <FieldName kName>
    static consteval std::size_t slot() {
        return slot_of(kEvent, kName.view());
    }

    template <std::size_t kSlot>
    bool has_slot() const noexcept {
        return is_always_there(kEvent, kSlot) || dialect_.place(kEvent, kSlot) != Dialect::kAbsent;
    }

    template <std::size_t kSlot>
    auto at() const noexcept {
        constexpr std::uint8_t kPlace = fixed_place(kEvent, kSlot);
        const std::size_t place = kPlace != Dialect::kAbsent ? kPlace : dialect_.place(kEvent, kSlot);
        return load<field_at(kEvent, kSlot).type>(body_ + place);
    }

    /// A field that the event always has.
    template <FieldName kName>
    auto get() const noexcept {
        static_assert(is_always_there(kEvent, slot<kName>()), "older protocols do not have this field: use get_or");
        return at<slot<kName>()>();
    }

    /// A field that came later, or `otherwise`.
    template <FieldName kName>
    auto get_or(ValueOf<field_at(kEvent, slot<kName>()).type> otherwise) const noexcept {
        return has_slot<slot<kName>()>() ? at<slot<kName>()>() : otherwise;
    }

    /// How far a time is from its reference, whatever form it was sent in.
    template <std::size_t kSlot>
    std::int64_t step_at() const noexcept {
        constexpr Field kField = field_at(kEvent, kSlot);
        static_assert(reference_of(kField.role) != TimeReference::None, "this field is not a difference of times");
        const auto value = static_cast<std::int64_t>(at<kSlot>());
        if constexpr (!has_short_forms(kField.role) || kField.type == FieldType::U16) {
            return value;
        } else if constexpr (kField.type == FieldType::U32) {
            return value + kBias16;
        } else {
            return dialect_.short_times ? whole_difference(value) : value;
        }
    }

    /// The text or the data behind the fields.
    std::string_view tail() const noexcept { return tail_; }

private:
    const Dialect& dialect_;
    const char* body_;
    std::string_view tail_;
};

/// What a writer gives for a field: ids and ticks where the role says so, else the very type of the row.
template <WireEvent kEvent, std::size_t kSlot>
consteval auto argument_for() {
    constexpr Field kField = field_at(kEvent, kSlot);
    if constexpr (kField.role == Role::Thread || kField.role == Role::ThreadId) {
        return std::type_identity<base::ThreadId>{};
    } else if constexpr (kField.role == Role::Text || kField.role == Role::PlotName || kField.role == Role::FrameName) {
        return std::type_identity<base::StringId>{};
    } else {
        return std::type_identity<ValueOf<kField.type>>{};
    }
}

template <typename Value>
concept IsId = std::same_as<Value, base::ThreadId> || std::same_as<Value, base::StringId> ||
               std::same_as<Value, base::SourceLocationId>;

/// Ids are not numbers; any other enumeration may stand for the number that it is.
template <typename Value, typename Argument>
consteval bool is_argument() {
    if constexpr (std::is_enum_v<Value> && !IsId<Value>) {
        return std::is_same_v<std::underlying_type_t<Value>, Argument>;
    } else {
        return std::is_same_v<Value, Argument>;
    }
}

/// True for as many values as the event has fields, each of its field's type; then the tail, if there is one.
template <WireEvent kEvent, typename... Values>
consteval bool fits_row() {
    constexpr bool kHasTail = row_of(kEvent).tail != Tail::None;
    if constexpr (sizeof...(Values) != slots_of(kEvent) + kHasTail) {
        return false;
    } else {
        using All = std::tuple<Values..., void>;
        constexpr bool kIsTailRight =
            !kHasTail || std::is_same_v<std::tuple_element_t<slots_of(kEvent), All>, std::string_view>;
        return kIsTailRight && []<std::size_t... kSlots>(std::index_sequence<kSlots...>) {
            return (is_argument<std::tuple_element_t<kSlots, All>,
                                typename decltype(argument_for<kEvent, kSlots>())::type>() &&
                    ...);
        }(std::make_index_sequence<slots_of(kEvent)>{});
    }
}

}  // namespace tracypy::protocol
