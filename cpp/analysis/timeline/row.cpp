#include "analysis/timeline/row.hpp"

#include <algorithm>

#include "analysis/zone_walk.hpp"

namespace tracypy::analysis {

void RowSummary::join(const RowSummary& next) noexcept {
    end_ns = next.end_ns;
    analysis::add(busy_ns, next.busy_ns);
    locations |= next.locations;
    if (next.longest_ns > longest_ns) {
        longest_ns = next.longest_ns;
        longest = next.longest;
    }
    count += next.count;
}

bool Row::add(const RowZone& zone, std::uint32_t extra, PackedMemory& memory) {
    RowZone kept = zone;
    kept.start_ns = std::max(kept.start_ns, end_ns_);
    kept.end_ns = std::max(kept.end_ns, kept.start_ns);
    if (last_.size() == kBlock) pack(memory);
    last_.push_back(kept);
    if (extra != 0) extras_.push_back({size_, extra});
    end_ns_ = kept.end_ns;
    ++size_;
    return kept.start_ns == zone.start_ns && kept.end_ns == zone.end_ns;
}

/// Puts the last block where the others are.
void Row::pack(PackedMemory& memory) {
    const auto first = static_cast<std::uint32_t>(size_ - last_.size());
    const std::int64_t start_ns = last_.front().start_ns;
    RowSummary all{start_ns, last_.back().end_ns, 0, -1, 0, first, static_cast<std::uint32_t>(last_.size())};
    std::uint64_t durations = 0;
    std::uint64_t locations = 0;
    std::uint64_t children = 0;
    const std::uint32_t first_child = children_;
    for (std::uint32_t i = 0; i < last_.size(); ++i) {
        const RowZone& zone = last_[i];
        const std::int64_t duration = zone.duration_ns();
        analysis::add(all.busy_ns, duration);
        if (duration > all.longest_ns) {
            all.longest_ns = duration;
            all.longest = first + i;
        }
        all.locations |= std::uint64_t{1} << (zone.location % 64);
        durations |= static_cast<std::uint64_t>(duration);
        locations |= zone.location;
        children |= zone.children;
        children_ += zone.children;
    }
    const auto distance = [start_ns](std::int64_t time) {
        return static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(start_ns);
    };
    Block block{nullptr,
                first_child,
                static_cast<std::uint8_t>(bits_for(distance(last_.back().start_ns))),
                static_cast<std::uint8_t>(bits_for(durations)),
                static_cast<std::uint8_t>(bits_for(locations)),
                static_cast<std::uint8_t>(bits_for(children))};
    std::uint8_t* const data = memory.allocate((last_.size() * block.zone_bits() + 7) / 8);
    std::size_t at = 0;
    const auto put = [&](unsigned bits, std::uint64_t value) {
        put_bits(data, at, bits, value);
        at += bits;
    };
    for (const RowZone& zone : last_) {
        put(block.start_bits, distance(zone.start_ns));
        put(block.duration_bits, static_cast<std::uint64_t>(zone.duration_ns()));
        put(block.location_bits, zone.location);
        put(block.children_bits, zone.children);
    }
    block.data = data;
    blocks_.push_back(block);
    levels_[0].push_back(all);
    last_.clear();
}

void Row::finish(PackedMemory& memory) {
    if (!last_.empty()) pack(memory);
    last_ = {};
    blocks_.shrink_to_fit();
    extras_.shrink_to_fit();
    build_levels();
}

void Row::build_levels() {
    levels_[0].shrink_to_fit();
    while (levels_.back().size() > 1 && levels_.size() <= kMostLevels) {
        std::vector<RowSummary> above;
        const std::vector<RowSummary>& below = levels_.back();
        above.reserve(below.size() / kFanOut + 1);
        for (std::size_t i = 0; i < below.size(); ++i) {
            if (i % kFanOut == 0) {
                above.push_back(below[i]);
            } else {
                above.back().join(below[i]);
            }
        }
        levels_.push_back(std::move(above));
    }
}

RowZone Row::at(std::uint32_t zone) const noexcept {
    const Block& block = blocks_[zone / kBlock];
    std::size_t place = std::size_t{zone % kBlock} * block.zone_bits();
    const auto get = [&](unsigned bits) {
        const std::uint64_t value = get_bits(block.data, place, bits);
        place += bits;
        return value;
    };
    const auto start = static_cast<std::int64_t>(static_cast<std::uint64_t>(levels_[0][zone / kBlock].start_ns) +
                                                 get(block.start_bits));
    const auto end = static_cast<std::int64_t>(static_cast<std::uint64_t>(start) + get(block.duration_bits));
    const auto location = static_cast<model::LocationIndex>(get(block.location_bits));
    return {start, end, location, static_cast<std::uint32_t>(get(block.children_bits))};
}

std::uint32_t Row::extra(std::uint32_t zone) const noexcept {
    const auto found = std::ranges::lower_bound(extras_, zone, {}, &Extra::zone);
    return found == extras_.end() || found->zone != zone ? 0 : found->extra;
}

std::uint32_t Row::first_child(std::uint32_t zone) const noexcept {
    const std::uint32_t first = zone - zone % kBlock;
    std::uint32_t child = blocks_[zone / kBlock].first_child;
    for (std::uint32_t before = first; before < zone; ++before) child += at(before).children;
    return child;
}

std::uint32_t Row::parent_of(std::uint32_t child) const noexcept {
    const auto after = std::ranges::upper_bound(blocks_, child, {}, &Block::first_child);
    if (after == blocks_.begin()) return 0;
    // Blocks without children have the number of the next one: the last of them is the one with some.
    auto zone = static_cast<std::uint32_t>((after - blocks_.begin() - 1) * kBlock);
    std::uint32_t next = (after - 1)->first_child;
    for (; zone + 1 < size_; ++zone) {
        next += at(zone).children;
        if (child < next) break;
    }
    return zone;
}

std::uint32_t Row::first_after(std::int64_t time_ns) const noexcept {
    const std::vector<RowSummary>& blocks = levels_[0];
    const auto block =
        std::ranges::partition_point(blocks, [time_ns](const RowSummary& one) { return one.end_ns <= time_ns; });
    if (block == blocks.end()) return size_;
    std::uint32_t low = static_cast<std::uint32_t>(block - blocks.begin()) * kBlock;
    std::uint32_t high = low + block->count - 1;  // which ends after it
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (at(middle).end_ns <= time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::uint32_t Row::first_from(std::int64_t time_ns) const noexcept {
    const std::vector<RowSummary>& blocks = levels_[0];
    const auto after =
        std::ranges::partition_point(blocks, [time_ns](const RowSummary& one) { return one.start_ns < time_ns; });
    if (after == blocks.begin()) return 0;
    std::uint32_t low = static_cast<std::uint32_t>(after - 1 - blocks.begin()) * kBlock;
    std::uint32_t high = low + (after - 1)->count;
    while (low < high) {
        const std::uint32_t middle = low + (high - low) / 2;
        if (at(middle).start_ns < time_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::int64_t Row::busy_ns(std::uint32_t first, std::uint32_t last) const noexcept {
    std::int64_t sum = 0;
    while (first < last) {
        std::size_t level = levels_.size();
        while (level > 0 && (first % zones_in(level - 1) != 0 || last - first < zones_in(level - 1))) --level;
        if (level == 0) {
            analysis::add(sum, at(first).duration_ns());
            ++first;
        } else {
            analysis::add(sum, levels_[level - 1][first / zones_in(level - 1)].busy_ns);
            first += zones_in(level - 1);
        }
    }
    return sum;
}

std::size_t Row::memory_bytes() const noexcept {
    std::size_t bytes = blocks_.capacity() * sizeof(Block) + extras_.capacity() * sizeof(Extra) + sizeof(Row);
    for (const auto& level : levels_) bytes += level.capacity() * sizeof(RowSummary);
    return bytes;
}

}  // namespace tracypy::analysis
