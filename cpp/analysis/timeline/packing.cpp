#include "analysis/timeline/packing.hpp"

#include <algorithm>
#include <array>

namespace tracypy::analysis {
namespace {

void put(std::string& bytes, std::uint64_t value) {
    while (value >= 0x80) {
        bytes.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    bytes.push_back(static_cast<char>(value));
}

/// By row and zone: whether it is kept.
using Kept = std::vector<std::vector<bool>>;

Kept kept_zones(const Lane& lane, bool is_nested, std::int64_t least_ns) {
    Kept kept(lane.size());
    for (std::size_t depth = 0; depth < lane.size(); ++depth) {
        const Row& row = lane[depth];
        kept[depth].resize(row.size());
        std::uint32_t parent = 0;
        std::uint32_t siblings = 0;
        for (std::uint32_t zone = 0; zone < row.size(); ++zone) {
            bool is_kept = row.at(zone).duration_ns() >= least_ns;
            if (is_nested && depth > 0) {
                while (siblings == 0) siblings = lane[depth - 1].at(parent++).children;
                is_kept = is_kept && kept[depth - 1][parent - 1];
                --siblings;
            }
            kept[depth][zone] = is_kept;
        }
    }
    return kept;
}

std::uint32_t count_kept(const Kept& kept, std::size_t depth, std::uint32_t first, std::uint32_t count) {
    if (count == 0) return 0;
    const auto start = kept[depth].begin() + first;
    return static_cast<std::uint32_t>(std::count(start, start + count, true));
}

}  // namespace

PackedLane packed(const Lane& lane, bool is_nested, std::int64_t least_ns) {
    PackedLane result;
    const Kept kept = kept_zones(lane, is_nested, least_ns);
    put(result.bytes, lane.size());
    for (std::size_t depth = 0; depth < lane.size(); ++depth) {
        const Row& row = lane[depth];
        put(result.bytes, static_cast<std::uint64_t>(std::count(kept[depth].begin(), kept[depth].end(), true)));
        std::int64_t before = 0;
        std::uint32_t child = 0;
        for (std::uint32_t number = 0; number < row.size(); ++number) {
            const RowZone zone = row.at(number);
            const std::uint32_t first_child = is_nested ? child : 0;
            const std::uint32_t children = is_nested ? zone.children : 0;
            child += children;
            if (!kept[depth][number]) continue;
            const std::int64_t start = std::max(zone.start_ns, before);
            const std::int64_t end = std::max(zone.end_ns, start);
            const std::int64_t inside = children == 0 ? 0 : lane[depth + 1].busy_ns(first_child, child);
            const std::uint32_t extra = row.extra(number);
            put(result.bytes, static_cast<std::uint64_t>(start - before));
            put(result.bytes, static_cast<std::uint64_t>(end - start));
            put(result.bytes, static_cast<std::uint64_t>(std::max<std::int64_t>(end - start - inside, 0)));
            put(result.bytes, zone.location);
            put(result.bytes, count_kept(kept, depth + 1, first_child, children));
            put(result.bytes, extra);
            if (extra != 0) result.extras.push_back(extra);
            before = end;
            ++result.kept;
        }
    }
    return result;
}

std::int64_t least_duration(const Timeline& timeline, std::uint64_t most_zones) {
    std::array<std::uint64_t, TimeScaleSteps::kCount> counts{};
    for (const FunctionSum& function : timeline.functions()) {
        if (!function.steps) continue;
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += (*function.steps)[i];
    }
    std::uint64_t sum = 0;
    for (std::size_t step = counts.size(); step > 0; --step) {
        sum += counts[step - 1];
        if (sum > most_zones) return step < counts.size() ? TimeScaleSteps::start(step) : kMostNs;
    }
    return 0;
}

}  // namespace tracypy::analysis
