// Zones that a trace holds in parts, as one: see base/continued.hpp.
#pragma once

#include <vector>

#include "model/source_locations.hpp"

namespace tracypy::model {

struct Trace;

/// Which source locations stand for the later parts of zones of another one.
class Parts {
public:
    explicit Parts(const Trace& trace);

    bool any() const noexcept { return !whole_.empty(); }
    /// No zone of its own: what it took belongs to one of whole(location).
    bool is_part(LocationIndex location) const noexcept { return !whole_.empty() && whole_[location] != location; }
    LocationIndex whole(LocationIndex location) const noexcept { return whole_.empty() ? location : whole_[location]; }

private:
    std::vector<LocationIndex> whole_;  // empty when there are no parts, as in nearly all traces
};

}  // namespace tracypy::model
