// What a timeline says about a zone, about a span, and where the next zone of some functions is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/call_tree.hpp"
#include "analysis/timeline/timeline.hpp"

namespace tracypy::analysis {

/// Which zone: its lane, its row, its number in that.
struct ZonePlace {
    std::uint32_t lane, row, zone;

    friend auto operator<=>(const ZonePlace&, const ZonePlace&) = default;
};

/// All zones of one function that something calls, or that lie in a span: how many, and how long.
struct FunctionShare {
    model::LocationIndex location;
    std::uint64_t calls;
    std::int64_t total_ns;
    std::int64_t self_ns;
};

struct ZoneLook {
    RowZone zone;
    std::uint32_t extra;
    std::int64_t self_ns;
    std::optional<ZonePlace> parent;
    std::optional<ZonePlace> first_child;
    std::vector<FunctionShare> children;  // by function, most time first; their self time is not looked at
};

/// None: there is no such zone.
std::optional<ZoneLook> look_at(const Timeline& timeline, ZonePlace place);

struct Found {
    ZonePlace place;
    RowZone zone;
};

/// What is looked for: zones of these locations, and those that have one of these extras.
struct Wanted {
    std::vector<bool> locations;
    std::vector<bool> extras;

    bool has_location(model::LocationIndex location) const noexcept {
        return location < locations.size() && locations[location];
    }
    bool has_extra(std::uint32_t extra) const noexcept { return extra < extras.size() && extras[extra]; }
};

/// The extras whose name or text has a word in it, whatever the case of its ASCII letters. None of an empty word.
std::vector<bool> extras_with(const model::Trace& trace, std::string_view word);

/// The next zone of a thread or a GPU, by its beginning, that is wanted, after a time and place, or before them.
std::optional<Found> find(const Timeline& timeline, const Wanted& wanted, std::int64_t time_ns, ZonePlace place,
                          bool is_forward);
/// How many zones of these threads are wanted for their extras alone, and how many of GPUs are.
std::uint64_t count_others(const Timeline& timeline, const Wanted& wanted, std::span<const std::uint32_t> lanes);

/// What each function cost in a span, on some threads, most self time first: of zones that reach beyond it, only the
/// time in it counts. Total times count a function once per outermost call.
std::vector<FunctionShare> functions_in(const Timeline& timeline, std::span<const std::uint32_t> lanes,
                                        std::int64_t from_ns, std::int64_t to_ns);

/// The same merged by path.
CallTree tree_in(const Timeline& timeline, std::span<const std::uint32_t> lanes, std::int64_t from_ns,
                 std::int64_t to_ns);

}  // namespace tracypy::analysis
