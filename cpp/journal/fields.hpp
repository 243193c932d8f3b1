// Fields of events as bytes, by their types: so a journal stores any kind of the vocabulary, and nothing here knows
// one.
//
//     numbers, enumerations, flags   LEB128, signed ones in zigzag; a double as its 8 bytes
//     text                           length, bytes
//     StringId, SourceLocationId, CallstackId   their number in the journal: it defines them before
//     ticks                          since the start; among the events of a thread they have a column of their own
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/callstacks.hpp"
#include "base/string_table.hpp"
#include "events/vocabulary.hpp"
#include "journal/adopter.hpp"
#include "journal/bytes.hpp"
#include "journal/format.hpp"

namespace tracypy::journal {

template <typename Field>
inline constexpr bool kIsTick = std::is_same_v<std::remove_cvref_t<Field>, base::Ticks>;

/// What the numbers in a journal stand for.
struct Definitions {
    std::vector<base::StringId> texts{base::StringId::None};
    std::vector<base::SourceLocationId> locations;
    std::vector<base::StackFrame> frames;
    std::vector<base::CallstackId> callstacks{base::CallstackId::None};
    Adopter* adopter = nullptr;  // of another process's events

    base::ThreadId row_of(base::ThreadId number) const { return adopter != nullptr ? adopter->row_of(number) : number; }
};

/// `numbers`: number_of(id) for texts and locations, which are defined already, and start().
template <typename Field, typename Numbers>
void put_field(std::string& output, const Field& field, const Numbers& numbers) {
    if constexpr (std::is_same_v<Field, std::string_view>) {
        put_text(output, base::cut_utf8(field, base::StringTable::kMaxStringBytes));
    } else if constexpr (std::is_same_v<Field, base::StringId> || std::is_same_v<Field, base::SourceLocationId> ||
                         std::is_same_v<Field, base::CallstackId>) {
        put_number(output, numbers.number_of(field));
    } else if constexpr (std::is_same_v<Field, double>) {
        put_fixed(output, field);
    } else if constexpr (kIsTick<Field>) {
        put_number(output, static_cast<std::uint64_t>(std::max(field, numbers.start()) - numbers.start()));
    } else if constexpr (std::is_enum_v<Field>) {
        put_number(output, static_cast<std::uint64_t>(field));
    } else if constexpr (std::is_signed_v<Field>) {
        const auto wide = static_cast<std::int64_t>(field);
        put_number(output, static_cast<std::uint64_t>(wide) << 1 ^ static_cast<std::uint64_t>(wide >> 63));
    } else {
        static_assert(std::is_unsigned_v<Field>);
        put_number(output, field);
    }
}

/// Throws DamagedPacket for what the field cannot be.
template <typename Field>
void get_field(ByteReader& reader, Field& field, const Definitions& definitions, base::Ticks start) {
    if constexpr (std::is_same_v<Field, std::string_view>) {
        field = reader.text();
    } else if constexpr (std::is_same_v<Field, base::StringId>) {
        field = definitions.texts[static_cast<std::size_t>(reader.number_up_to(definitions.texts.size() - 1))];
    } else if constexpr (std::is_same_v<Field, base::SourceLocationId>) {
        const std::uint64_t number = reader.number();
        if (number >= definitions.locations.size()) throw DamagedPacket();
        field = definitions.locations[static_cast<std::size_t>(number)];
    } else if constexpr (std::is_same_v<Field, base::CallstackId>) {
        const std::uint64_t number = reader.number_up_to(definitions.callstacks.size() - 1);
        field = definitions.callstacks[static_cast<std::size_t>(number)];
    } else if constexpr (std::is_same_v<Field, double>) {
        field = reader.fixed<double>();
    } else if constexpr (kIsTick<Field>) {
        field = start + static_cast<base::Ticks>(reader.number_up_to(kMaxTick));
    } else if constexpr (std::is_same_v<Field, base::ThreadId>) {
        field = definitions.row_of(static_cast<base::ThreadId>(reader.number_up_to(UINT32_MAX)));
    } else if constexpr (std::is_enum_v<Field>) {
        field = static_cast<Field>(reader.number_up_to(static_cast<std::uint64_t>(events::kLast<Field>)));
    } else if constexpr (std::is_signed_v<Field>) {
        const std::uint64_t folded = reader.number();
        const auto wide = static_cast<std::int64_t>(folded >> 1 ^ (~(folded & 1) + 1));
        field = static_cast<Field>(wide);
        if (field != wide) throw DamagedPacket();
    } else {
        field = static_cast<Field>(reader.number_up_to(std::numeric_limits<Field>::max()));
    }
}

}  // namespace tracypy::journal
