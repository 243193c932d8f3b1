// Times of another program's clock as times of ours.
#pragma once

#include "base/ids.hpp"

namespace tracypy::drivers {

struct TickMap {
    base::Ticks from = 0, to = 0;  // the same moment
    double ratio = 1;              // so many of our ticks are one of its
    bool is_exact = true;          // it reads our counter: from and ratio do not matter

    base::Ticks operator()(base::Ticks tick) const noexcept {
        if (is_exact) [[likely]] {
            return tick;
        }
        return to + static_cast<base::Ticks>(static_cast<double>(tick - from) * ratio);
    }
};

}  // namespace tracypy::drivers
