#include "recorder/remark.hpp"

#include <algorithm>

namespace tracypy::recorder {

Aside* Asides::find(ZoneKey key) noexcept {
    const auto found =
        std::find_if(asides_.begin(), asides_.end(), [key](const Aside& aside) { return aside.key == key; });
    return found != asides_.end() ? &*found : nullptr;
}

Aside Asides::take(ZoneKey key) noexcept {
    Aside* const found = find(key);
    if (found == nullptr) return {key, {}};
    Aside aside = std::move(*found);
    asides_.erase(asides_.begin() + (found - asides_.data()));
    return aside;
}

}  // namespace tracypy::recorder
