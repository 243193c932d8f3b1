// From ticks of the recording to nanoseconds since its start.
#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace tracypy::model {

struct TimeScale {
    base::Ticks start;
    double ns_per_tick;

    std::int64_t operator()(base::Ticks tick) const noexcept {
        return static_cast<std::int64_t>(static_cast<double>(tick - start) * ns_per_tick);
    }
    std::int64_t duration(base::Ticks ticks) const noexcept {
        return static_cast<std::int64_t>(static_cast<double>(ticks) * ns_per_tick);
    }
};

}  // namespace tracypy::model
