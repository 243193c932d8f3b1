// What the definitions say at this moment: of each the last one, in the order in which they first came.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "events/vocabulary.hpp"

namespace tracypy::events {

template <typename Nothing, typename... Events>
struct OneOf {
    using Type = std::variant<Events...>;
};
#define TRACYPY_ALTERNATIVE(number, name, fields) , name
/// Any one of them.
using AnyDefinition = OneOf<void TRACYPY_DEFINITIONS(TRACYPY_ALTERNATIVE, )>::Type;
#undef TRACYPY_ALTERNATIVE

/// What the definition is about: its first field.
template <Definition Event>
constexpr std::uint64_t subject_of(const Event& event) noexcept {
    std::uint64_t subject = 0;
    bool is_first = true;
    each_field(event, [&](const auto& field) {
        using Field = std::remove_cvref_t<decltype(field)>;
        static_assert(std::is_enum_v<Field> || std::is_integral_v<Field>, "a definition is kept, so it has no views");
        if (std::exchange(is_first, false)) subject = static_cast<std::uint64_t>(field);
    });
    return subject;
}

/// One thread.
class DefinitionTable {
public:
    struct Row {
        AnyDefinition definition;
        std::uint64_t version;  // of the table, when it got this
    };
    enum class Put : std::uint8_t { Changed, Same, Full };

    explicit DefinitionTable(std::size_t most_of_a_kind = static_cast<std::size_t>(-1)) : most_(most_of_a_kind) {}

    /// An earlier one of the same kind, with the same first field, is replaced.
    template <Definition Event>
    Put put(const Event& event);
    /// Null: there is none.
    template <Definition Event>
    const Event* find(std::uint64_t subject) const;

    /// Grows with every change.
    std::uint64_t version() const noexcept { return version_; }
    const std::vector<Row>& rows() const noexcept { return rows_; }

private:
    std::size_t most_;
    std::uint64_t version_ = 0;
    std::vector<Row> rows_;
    std::map<Kind, std::map<std::uint64_t, std::size_t>> places_;  // by the first field: in `rows_`
};

template <Definition Event>
DefinitionTable::Put DefinitionTable::put(const Event& event) {
    auto& places = places_[Event::kKind];
    const std::uint64_t subject = subject_of(event);
    if (const auto known = places.find(subject); known != places.end()) {
        Row& row = rows_[known->second];
        if (std::get<Event>(row.definition) == event) return Put::Same;
        row = {event, ++version_};
        return Put::Changed;
    }
    if (places.size() >= most_) return Put::Full;
    rows_.push_back({event, version_ + 1});
    try {
        places.emplace(subject, rows_.size() - 1);
    } catch (...) {
        rows_.pop_back();
        throw;
    }
    ++version_;
    return Put::Changed;
}

template <Definition Event>
const Event* DefinitionTable::find(std::uint64_t subject) const {
    const auto kind = places_.find(Event::kKind);
    if (kind == places_.end()) return nullptr;
    const auto place = kind->second.find(subject);
    return place == kind->second.end() ? nullptr : &std::get<Event>(rows_[place->second].definition);
}

}  // namespace tracypy::events
