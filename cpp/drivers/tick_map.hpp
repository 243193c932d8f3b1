// Times of another program's clock as times of ours.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/ids.hpp"

namespace tracypy::drivers {

struct TickMap {
    base::Ticks from = 0, to = 0;  // the same moment
    double ratio = 1;              // so many of our ticks are one of its
    bool is_exact = true;          // it reads our counter: all else does not matter

    TickMap() = default;
    TickMap(base::Ticks its, base::Ticks ours, double length) noexcept
        : from(its), to(ours), ratio(length), is_exact(false) {}

    base::Ticks operator()(base::Ticks tick) const noexcept {
        if (is_exact) [[likely]] {
            return tick;
        }
        const base::Ticks mapped = line(tick);
        return tick <= told_until_ ? mapped + before_ : std::max(mapped, told_);
    }

    /// Before all times.
    static constexpr base::Ticks kNever = INT64_MIN;

    /// What happens after `told_until` is `by` later than was believed. No time goes back for that.
    void shift(base::Ticks by, base::Ticks told_until) noexcept {
        if (told_until == kNever) {
            to += by;
            return;
        }
        told_ = (*this)(told_until);
        to += by;
        before_ = told_ - line(told_until);
        told_until_ = told_until;
    }

private:
    base::Ticks line(base::Ticks tick) const noexcept {
        return to + static_cast<base::Ticks>(static_cast<double>(tick - from) * ratio);
    }

    base::Ticks told_until_ = kNever;         // its time up to which another line held
    base::Ticks before_ = 0, told_ = kNever;  // by how much, and where that ended
};

}  // namespace tracypy::drivers
