#include "recorder/zone_stack.hpp"

#include <algorithm>
#include <cstdlib>

namespace tracypy::recorder {

ZoneStack::ZoneStack(std::size_t max_depth) noexcept {
    max_depth_ = max_depth;
    auto* const slots = static_cast<OpenZone*>(std::malloc((kFirstCapacity + 1) * sizeof(OpenZone)));
    static OpenZone fallback[1] = {{0, base::SourceLocationId::Other}};
    zones_ = slots != nullptr ? slots + 1 : fallback + 1;
    capacity_ = slots != nullptr ? kFirstCapacity : 0;
    set_soft_end();
    top_ = zones_;
    zones_[-1] = {0, base::SourceLocationId::Other};
}

ZoneStack::~ZoneStack() {
    if (capacity_ != 0) std::free(zones_ - 1);
}

void ZoneStack::set_soft_end() noexcept {
    soft_end_ = zones_ + std::min(capacity_, max_depth_);
}

void ZoneStack::set_max_depth(std::size_t depth) noexcept {
    max_depth_ = depth;
    set_soft_end();
}

bool ZoneStack::grow() noexcept {
    if (capacity_ == 0 || capacity_ >= kMostOpen) return false;
    const std::size_t depth_now = depth();
    const std::size_t capacity = capacity_ * 2;
    void* const slots = std::realloc(zones_ - 1, (capacity + 1) * sizeof(OpenZone));
    if (slots == nullptr) return false;
    zones_ = static_cast<OpenZone*>(slots) + 1;
    capacity_ = capacity;
    set_soft_end();
    set_depth(depth_now);
    return true;
}

std::size_t ZoneStack::find(ZoneKey key) const noexcept {
    for (std::size_t i = depth(); i > 0; --i) {
        if (zones_[i - 1].id() == key) return i - 1;
    }
    return kNowhere;
}

std::size_t ZoneStack::zones_below(std::size_t index) const noexcept {
    std::size_t below = 0;
    while (below < index && !is_call(zones_[index - below - 1])) ++below;
    return below;
}

void ZoneStack::clear() noexcept {
    set_depth(0);
    skip_none();
    unfollowed_ = 0;
}

}  // namespace tracypy::recorder
