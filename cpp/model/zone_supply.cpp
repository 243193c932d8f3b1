#include "model/zone_supply.hpp"

#include <utility>

namespace tracypy::model {
namespace {

std::vector<std::int64_t> times_in_children(const ZoneTable& zones) {
    std::vector<std::int64_t> times(zones.size(), 0);
    std::vector<std::size_t> around;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        around.resize(zones[i].depth);
        if (!around.empty()) add_time(times[around.back()], time_in(zones[i]));
        around.push_back(i);
    }
    return times;
}

}  // namespace

void TableSupply::start(std::size_t thread, bool with_children) {
    const ZoneTable& zones = trace_.threads.at(thread).zones;
    children_ns_ = with_children ? times_in_children(zones) : std::vector<std::int64_t>();
    next_ = {zones, children_ns_};
}

ZoneSupply::Batch TableSupply::more() {
    return std::exchange(next_, {});
}

}  // namespace tracypy::model
