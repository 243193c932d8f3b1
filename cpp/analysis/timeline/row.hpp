// The zones of one depth of a thread, by time: one beside the other, never one in another.
//
// They are kept in blocks of 64, packed, some five bytes for each, and above those is a pyramid: what 16 blocks are
// together, what 16 of these are, and so on. So what lies in a span is found by bisection, what a pixel shows is read
// from the level where things are as wide as a pixel, and sums over many zones take few steps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/timeline/packed_bits.hpp"
#include "model/source_locations.hpp"

namespace tracypy::analysis {

struct RowZone {
    std::int64_t start_ns;
    std::int64_t end_ns;
    model::LocationIndex location;
    std::uint32_t children;

    /// The largest number, if it is larger.
    std::int64_t duration_ns() const noexcept {
        const std::uint64_t span = static_cast<std::uint64_t>(end_ns) - static_cast<std::uint64_t>(start_ns);
        return static_cast<std::int64_t>(std::min<std::uint64_t>(span, INT64_MAX));
    }
};

/// What neighbours are together.
struct RowSummary {
    std::int64_t start_ns;
    std::int64_t end_ns;
    std::int64_t busy_ns;     // the sum of their durations
    std::int64_t longest_ns;  // the duration of the longest
    std::uint64_t locations;  // bit location % 64 of each
    std::uint32_t longest;    // which one it is
    std::uint32_t count;

    void join(const RowSummary& next) noexcept;
};

/// add() in the order of time, then finish(), then the rest, by any number of threads. Times that are out of order, as
/// damaged files have them, are mended: a zone begins where the one before ends, and takes no time.
class Row {
public:
    static constexpr std::uint32_t kBlock = 64, kFanOut = 16;

    /// False: its times had to be mended.
    bool add(const RowZone& zone, std::uint32_t extra, PackedMemory& memory);
    void finish(PackedMemory& memory);

    std::uint32_t size() const noexcept { return size_; }
    RowZone at(std::uint32_t zone) const noexcept;
    /// Index into Trace::zone_extras; 0: none.
    std::uint32_t extra(std::uint32_t zone) const noexcept;
    /// The first zone from `zone` on, or the last one before it, that has an extra which `wanted(extra)` says yes to.
    template <typename Wanted>
    std::optional<std::uint32_t> extra_from(std::uint32_t zone, Wanted&& wanted) const {
        for (auto next = extra_at(zone); next != extras_.end(); ++next) {
            if (wanted(next->extra)) return next->zone;
        }
        return std::nullopt;
    }
    template <typename Wanted>
    std::optional<std::uint32_t> extra_before(std::uint32_t zone, Wanted&& wanted) const {
        for (auto next = extra_at(zone); next != extras_.begin();) {
            if (wanted((--next)->extra)) return next->zone;
        }
        return std::nullopt;
    }
    /// Of its children, in the row below: where they begin.
    std::uint32_t first_child(std::uint32_t zone) const noexcept;
    /// Whose child it is, if it is one of the row below.
    std::uint32_t parent_of(std::uint32_t child) const noexcept;
    /// The first one that ends after that time; size() if there is none.
    std::uint32_t first_after(std::int64_t time_ns) const noexcept;
    /// The first one that begins then or later; size() if there is none.
    std::uint32_t first_from(std::int64_t time_ns) const noexcept;
    /// How long these took.
    std::int64_t busy_ns(std::uint32_t first, std::uint32_t last) const noexcept;

    /// From the lowest level of the pyramid, the blocks, on. An entry of a level stands for zones_in(level) zones.
    std::size_t levels() const noexcept { return levels_.size(); }
    const RowSummary& summary(std::size_t level, std::size_t entry) const noexcept { return levels_[level][entry]; }
    static std::uint32_t zones_in(std::size_t level) noexcept {
        return kBlock << (4 * level);  // up to 2^30 at level 6
    }
    static constexpr std::size_t kMostLevels = 6;
    std::size_t memory_bytes() const noexcept;

private:
    friend class TimelineStore;
    struct Block {
        const std::uint8_t* data;
        std::uint32_t first_child;
        std::uint8_t start_bits, duration_bits, location_bits, children_bits;

        unsigned zone_bits() const noexcept {
            return static_cast<unsigned>(start_bits) + duration_bits + location_bits + children_bits;
        }
    };
    struct Extra {
        std::uint32_t zone, extra;
    };

    std::vector<Extra>::const_iterator extra_at(std::uint32_t zone) const noexcept {
        return std::ranges::lower_bound(extras_, zone, {}, &Extra::zone);
    }
    void pack(PackedMemory& memory);
    void build_levels();
    const std::uint8_t* place(std::uint32_t zone, const Block& block, std::size_t& at) const noexcept;

    std::vector<RowZone> last_;  // of the block that is not complete
    std::vector<Block> blocks_;
    std::vector<std::vector<RowSummary>> levels_ = std::vector<std::vector<RowSummary>>(1);
    std::vector<Extra> extras_;  // by zone
    std::uint32_t size_ = 0;
    std::uint32_t children_ = 0;
    std::int64_t end_ns_ = INT64_MIN;
};

}  // namespace tracypy::analysis
