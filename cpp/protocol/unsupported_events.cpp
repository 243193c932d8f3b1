#include "protocol/unsupported_events.hpp"

#include <algorithm>

namespace tracypy::protocol {
namespace {

void add(std::vector<UnsupportedEvents>& list, std::string_view what, std::uint64_t count) {
    const auto known =
        std::find_if(list.begin(), list.end(), [what](const UnsupportedEvents& entry) { return entry.what == what; });
    if (known != list.end()) {
        known->count += count;
    } else {
        list.push_back({what, count});
    }
}

}  // namespace

void UnsupportedCounts::count_misfit(std::string_view what) {
    add(misfits_, what, 1);
}

std::vector<UnsupportedEvents> UnsupportedCounts::list() const {
    std::vector<UnsupportedEvents> found = misfits_;
    for (std::size_t i = 0; i < kWireEventCount; ++i) {
        if (events_[i] != 0) add(found, facts_of(static_cast<WireEvent>(i)).group.name, events_[i]);
    }
    std::stable_sort(found.begin(), found.end(), [](const UnsupportedEvents& left, const UnsupportedEvents& right) {
        return left.count > right.count;
    });
    return found;
}

}  // namespace tracypy::protocol
