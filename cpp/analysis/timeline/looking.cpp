#include "analysis/timeline/looking.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <tuple>
#include <unordered_map>

#include "analysis/pair_numbers.hpp"
#include "analysis/timeline/span_walk.hpp"

namespace tracypy::analysis {
namespace {

void sort_by_self(std::vector<FunctionShare>& shares) {
    std::ranges::stable_sort(shares, [](const FunctionShare& left, const FunctionShare& right) {
        return std::tie(right.self_ns, left.location) < std::tie(left.self_ns, right.location);
    });
}

std::vector<FunctionShare> children_of(const Lane& lane, std::uint32_t below, std::uint32_t first, std::uint32_t last) {
    std::unordered_map<model::LocationIndex, FunctionShare> shares;
    for (std::uint32_t child = first; child < last; ++child) {
        const RowZone zone = lane[below].at(child);
        FunctionShare& share = shares.try_emplace(zone.location, FunctionShare{zone.location, 0, 0, 0}).first->second;
        ++share.calls;
        add(share.total_ns, zone.duration_ns());
    }
    std::vector<FunctionShare> all;
    for (const auto& [location, share] : shares) all.push_back(share);
    std::ranges::sort(all, [](const FunctionShare& left, const FunctionShare& right) {
        return std::tie(right.total_ns, left.location) < std::tie(left.total_ns, right.location);
    });
    return all;
}

/// The search in one row, from a zone on, in steps that skip blocks without any wanted location.
class RowSearch {
public:
    RowSearch(const Row& row, const Wanted& wanted, std::uint64_t bits) : row_(row), wanted_(wanted), bits_(bits) {}

    std::optional<std::uint32_t> forward(std::uint32_t zone, std::int64_t limit_ns) const {
        const auto found = by_location_forward(zone, limit_ns);
        if (wanted_.extras.empty()) return found;
        const auto named = row_.extra_from(zone, [&](std::uint32_t extra) { return wanted_.has_extra(extra); });
        return found && named ? std::min(*found, *named) : found ? found : named;
    }
    std::optional<std::uint32_t> backward(std::uint32_t zone, std::int64_t limit_ns) const {
        const auto found = by_location_backward(zone, limit_ns);
        if (wanted_.extras.empty()) return found;
        const auto named = row_.extra_before(zone, [&](std::uint32_t extra) { return wanted_.has_extra(extra); });
        return found && named ? std::max(*found, *named) : found ? found : named;
    }

private:
    /// The first from `zone` on that begins no later than `limit_ns`.
    std::optional<std::uint32_t> by_location_forward(std::uint32_t zone, std::int64_t limit_ns) const {
        while (zone < row_.size()) {
            const RowSummary& block = block_of(zone);
            if (block.start_ns > limit_ns) break;
            const std::uint32_t end = zone - zone % Row::kBlock + block.count;
            if ((block.locations & bits_) == 0) {
                zone = end;
                continue;
            }
            for (; zone < end; ++zone) {
                if (is_wanted(zone)) return zone;
            }
        }
        return std::nullopt;
    }
    /// The last one before `zone`, whose block ends no earlier than `limit_ns`.
    std::optional<std::uint32_t> by_location_backward(std::uint32_t zone, std::int64_t limit_ns) const {
        while (zone > 0) {
            const RowSummary& block = block_of(zone - 1);
            if (block.end_ns < limit_ns) break;
            const std::uint32_t start = zone - 1 - (zone - 1) % Row::kBlock;
            if ((block.locations & bits_) == 0) {
                zone = start;
                continue;
            }
            for (; zone > start; --zone) {
                if (is_wanted(zone - 1)) return zone - 1;
            }
        }
        return std::nullopt;
    }

    const RowSummary& block_of(std::uint32_t zone) const { return row_.summary(0, zone / Row::kBlock); }
    bool is_wanted(std::uint32_t zone) const { return wanted_.has_location(row_.at(zone).location); }

    const Row& row_;
    const Wanted& wanted_;
    std::uint64_t bits_;
};

std::uint64_t bits_of(const std::vector<bool>& wanted) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i]) bits |= std::uint64_t{1} << (i % 64);
    }
    return bits;
}

/// Zones in the order of a search: by beginning, then by place.
auto order_of(const Found& found) noexcept {
    return std::tuple(found.zone.start_ns, found.place);
}

}  // namespace

std::optional<ZoneLook> look_at(const Timeline& timeline, ZonePlace place) {
    if (place.lane >= timeline.lanes().size()) return std::nullopt;
    const Lane& lane = timeline.lanes()[place.lane];
    if (place.row >= lane.size() || place.zone >= lane[place.row].size()) return std::nullopt;
    const Row& row = lane[place.row];
    ZoneLook look{row.at(place.zone), row.extra(place.zone), 0, std::nullopt, std::nullopt, {}};
    std::int64_t children_ns = 0;
    if (look.zone.children != 0) {
        const std::uint32_t first = row.first_child(place.zone);
        look.first_child = {place.lane, place.row + 1, first};
        children_ns = lane[place.row + 1].busy_ns(first, first + look.zone.children);
        look.children = children_of(lane, place.row + 1, first, first + look.zone.children);
    }
    look.self_ns = std::max<std::int64_t>(look.zone.duration_ns() - children_ns, 0);
    if (timeline.is_nested(place.lane) && place.row > 0) {
        look.parent = {place.lane, place.row - 1, lane[place.row - 1].parent_of(place.zone)};
    }
    return look;
}

std::vector<bool> extras_with(const model::Trace& trace, std::string_view word) {
    if (word.empty()) return {};
    const auto lower = [](char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
    };
    std::string wanted(word);
    std::ranges::transform(wanted, wanted.begin(), lower);
    enum class Answer : std::uint8_t { Unknown, No, Yes };
    std::vector<Answer> known(trace.strings.size() + 1, Answer::Unknown);  // many zones have the same text
    std::string text;
    const auto has = [&](model::TextId id) {
        if (id == model::TextId::None) return false;
        Answer& answer = known.at(static_cast<std::size_t>(id));
        if (answer == Answer::Unknown) {
            text = trace.strings.at(id);
            std::ranges::transform(text, text.begin(), lower);
            answer = text.find(wanted) == std::string::npos ? Answer::No : Answer::Yes;
        }
        return answer == Answer::Yes;
    };
    std::vector<bool> extras;
    for (std::size_t i = 0; i < trace.zone_extras.size(); ++i) {
        if (!has(trace.zone_extras[i].name) && !has(trace.zone_extras[i].text)) continue;
        extras.resize(trace.zone_extras.size());
        extras[i] = true;
    }
    return extras;
}

std::uint64_t count_others(const Timeline& timeline, const Wanted& wanted, std::span<const std::uint32_t> lanes) {
    std::uint64_t count = 0;
    const std::uint64_t bits = bits_of(wanted.locations);
    for (std::size_t lane = timeline.threads(); lane < timeline.lanes().size(); ++lane) {
        if (!timeline.is_nested(lane)) continue;
        for (const Row& row : timeline.lanes()[lane]) {
            const RowSearch search(row, wanted, bits);
            for (auto zone = search.forward(0, kMostNs); zone; zone = search.forward(*zone + 1, kMostNs)) ++count;
        }
    }
    if (wanted.extras.empty()) return count;
    for (const std::uint32_t lane : lanes) {
        for (const Row& row : timeline.lane(lane)) {
            const auto is_wanted = [&](std::uint32_t extra) { return wanted.has_extra(extra); };
            for (auto zone = row.extra_from(0, is_wanted); zone; zone = row.extra_from(*zone + 1, is_wanted)) {
                count += wanted.has_location(row.at(*zone).location) ? 0 : 1;
            }
        }
    }
    return count;
}

std::optional<Found> find(const Timeline& timeline, const Wanted& wanted, std::int64_t time_ns, ZonePlace place,
                          bool is_forward) {
    const std::uint64_t bits = bits_of(wanted.locations);
    std::optional<Found> best;
    for (std::uint32_t lane = 0; lane < timeline.lanes().size(); ++lane) {
        if (!timeline.is_nested(lane)) continue;
        for (std::uint32_t depth = 0; depth < timeline.lanes()[lane].size(); ++depth) {
            const Row& row = timeline.lanes()[lane][depth];
            const RowSearch search(row, wanted, bits);
            std::uint32_t next = row.first_from(time_ns);
            // Those that begin at that time come before or after, by their place.
            while (next < row.size() && row.at(next).start_ns == time_ns && ZonePlace{lane, depth, next} <= place)
                ++next;
            std::optional<std::uint32_t> zone;
            if (is_forward) {
                zone = search.forward(next, best ? best->zone.start_ns : kMostNs);
            } else {
                if (next > 0 && ZonePlace{lane, depth, next - 1} == place) --next;
                zone = search.backward(next, best ? best->zone.start_ns : std::numeric_limits<std::int64_t>::min());
            }
            if (!zone) continue;
            const Found found{{lane, depth, *zone}, row.at(*zone)};
            if (!best || (is_forward ? order_of(found) < order_of(*best) : order_of(found) > order_of(*best))) {
                best = found;
            }
        }
    }
    return best;
}

std::vector<FunctionShare> functions_in(const Timeline& timeline, std::span<const std::uint32_t> lanes,
                                        std::int64_t from_ns, std::int64_t to_ns) {
    const std::size_t locations = timeline.functions().size();
    std::vector<FunctionShare> shares(locations);
    for (std::size_t i = 0; i < locations; ++i) shares[i] = {static_cast<model::LocationIndex>(i), 0, 0, 0};
    std::vector<std::uint32_t> running(locations, 0);
    for (const std::uint32_t lane : lanes) {
        walk_span(
            timeline.lane(lane), from_ns, to_ns,
            [&](const RowZone& zone, std::int64_t inside_ns, std::uint32_t) {
                ++shares[zone.location].calls;
                if (running[zone.location]++ == 0) add(shares[zone.location].total_ns, inside_ns);
                return zone.location;
            },
            [&](std::uint32_t location, std::int64_t self_ns) {
                --running[location];
                add(shares[location].self_ns, self_ns);
            });
    }
    std::erase_if(shares, [](const FunctionShare& share) { return share.calls == 0; });
    sort_by_self(shares);
    return shares;
}

CallTree tree_in(const Timeline& timeline, std::span<const std::uint32_t> lanes, std::int64_t from_ns,
                 std::int64_t to_ns) {
    CallTree tree;
    PairNumbers nodes;  // of the parent's number plus one, and the location
    for (const std::uint32_t lane : lanes) {
        walk_span(
            timeline.lane(lane), from_ns, to_ns,
            [&](const RowZone& zone, std::int64_t inside_ns, std::uint32_t parent) {
                const std::uint32_t above = parent == kNoParent ? 0 : parent + 1;
                const std::uint32_t node = nodes.of(above, zone.location);
                if (node == tree.parent.size()) {
                    tree.parent.push_back(static_cast<std::int64_t>(above) - 1);
                    tree.location.push_back(zone.location);
                    tree.calls.push_back(0);
                    tree.total_ns.push_back(0);
                    tree.self_ns.push_back(0);
                }
                ++tree.calls[node];
                add(tree.total_ns[node], inside_ns);
                return node;
            },
            [&](std::uint32_t node, std::int64_t self_ns) { add(tree.self_ns[node], self_ns); });
    }
    return tree;
}

}  // namespace tracypy::analysis
