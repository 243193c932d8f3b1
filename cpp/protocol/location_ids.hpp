// Which source locations a viewer has been shown, and under which number.
//
// A viewer keeps 15 bits for a source location and drops the connection when they run out. So each connection has a
// budget of distinct locations; whatever comes later is shown as SourceLocationId::Other. The question is asked for
// every zone, hence a dense table instead of a set: one load and one comparison.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.hpp"
#include "base/source_locations.hpp"

namespace tracypy::protocol {

/// One thread; lives as long as the connection. At most 1 MiB.
class LocationIds {
public:
    /// The viewer's own bound is 32,767, of which its tables use up a few (0.12.2: 32,765 remain).
    static constexpr std::uint32_t kMaxDistinct = 32'700;

    LocationIds() : wire_ids_(1024, 0) { (void)issue(static_cast<std::uint32_t>(base::SourceLocationId::Other)); }

    /// The number on the wire; never zero. Counts `id` as shown.
    std::uint64_t wire_id(std::uint64_t id) {
        if (id < wire_ids_.size() && wire_ids_[id] != 0) [[likely]] {
            return wire_ids_[id];
        }
        return issue(id);
    }

    /// The location behind a number, if that number was ever handed out.
    std::optional<base::SourceLocationId> find(std::uint64_t wire_id) const noexcept {
        if (wire_id == 0 || wire_id > wire_ids_.size() || wire_ids_[wire_id - 1] != wire_id) return std::nullopt;
        return static_cast<base::SourceLocationId>(wire_id - 1);
    }

    /// True from the first location on that did not fit.
    bool overflowed() const noexcept { return overflowed_; }
    std::uint32_t distinct() const noexcept { return distinct_; }

private:
    std::uint64_t issue(std::uint64_t id) {
        if (id >= base::SourceLocationTable::kMaxLocations) return kOther;
        if (id >= wire_ids_.size()) {
            wire_ids_.resize(std::min(base::SourceLocationTable::kMaxLocations, 2 * static_cast<std::size_t>(id)), 0);
        }
        if (distinct_ >= kMaxDistinct) {
            overflowed_ = true;
            return wire_ids_[id] = kOther;
        }
        ++distinct_;
        return wire_ids_[id] = static_cast<std::uint32_t>(id) + 1;
    }

    static constexpr std::uint32_t kOther = static_cast<std::uint32_t>(base::SourceLocationId::Other) + 1;

    std::vector<std::uint32_t> wire_ids_;  // by SourceLocationId; 0: not seen yet
    std::uint32_t distinct_ = 0;
    bool overflowed_ = false;
};

}  // namespace tracypy::protocol
