#include "exporting/nested_zones.hpp"

#include <algorithm>

namespace tracypy::exporting {

const NestedZone* NestedZones::next() {
    while (true) {
        if (index_ == batch_.size()) {
            batch_ = zones_->more().zones;
            index_ = 0;
            if (batch_.empty()) return nullptr;
        }
        const model::Zone& zone = batch_[index_++];
        around_.go_to(zone.depth);
        if (zone.location < is_wanted_->size() && (*is_wanted_)[zone.location]) return place(zone);
        around_.enter_other();
    }
}

const NestedZone* NestedZones::place(const model::Zone& zone) {
    const std::uint32_t depth = around_.kept();
    around_.enter_kept(0);
    if (levels_.size() < depth + std::size_t{2}) levels_.push_back({});
    std::int64_t start = std::max(zone.start_ns, levels_[depth].floor_ns);
    std::int64_t end = zone.end_ns == model::kOpen ? last_ns_ : zone.end_ns;
    if (depth > 0) {
        start = std::min(start, levels_[depth - 1].end_ns);
        end = std::min(end, levels_[depth - 1].end_ns);
    }
    end = std::max(end, start);
    levels_[depth] = {end, end};
    levels_[depth + 1].floor_ns = start;
    found_ = {start, end, depth, &zone};
    return &found_;
}

}  // namespace tracypy::exporting
