// The times of one row as a viewer is to see them: they never decrease, and no zone is too short to be counted.
//
// A counter may step by 10 ns, so that a short call begins and ends at one reading; and a viewer cuts times to whole
// nanoseconds, shows what lasts none, and leaves it out of its statistics. So a zone's end lies at least so many
// ticks behind its begin that a nanosecond passes. What follows at an earlier reading follows at once, and keeps its
// place: inside, outside or behind. As soon as the counter is beyond, the row has its readings again.
//
// It is enough to watch the zone that began last: it ends before all others that are open, and these contain it.
#pragma once

#include <algorithm>
#include <cmath>

#include "base/clock.hpp"

namespace tracypy::base {

/// The fewest ticks of which any that are so far apart are different nanoseconds when multiplied and cut: their product
/// is at least 1, exactly. (The viewer's rounding to a double does no harm: it is the same a nanosecond later.)
inline Ticks shortest_zone(double ns_per_tick) noexcept {
    constexpr Ticks kMost = 1'000;  // whatever a peer or a damaged file says
    if (!(ns_per_tick * static_cast<double>(kMost) > 1)) return kMost;
    auto ticks = static_cast<Ticks>(std::ceil(1 / ns_per_tick));
    if (std::fma(static_cast<double>(ticks), ns_per_tick, -1.0) < 0) ++ticks;
    return ticks;
}

/// Takes the readings of one row as they are, but for those that go back.
class SteadyClock {
public:
    explicit SteadyClock(Ticks start) noexcept : last_(start) {}

    Ticks begin(Ticks reading) noexcept { return last_ = std::max(last_, reading); }
    Ticks end(Ticks reading) noexcept { return begin(reading); }
    Ticks moment(Ticks reading) noexcept { return begin(reading); }
    Ticks last() const noexcept { return last_; }

private:
    Ticks last_;
};

/// Takes the readings of a captured row. What happens beside its zones may come in another order than it happened:
/// that keeps its time, and moves no other.
class CapturedClock {
public:
    explicit CapturedClock(Ticks start) noexcept : start_(start), last_(start) {}

    Ticks begin(Ticks reading) noexcept { return last_ = std::max(last_, reading); }
    Ticks end(Ticks reading) noexcept { return begin(reading); }
    Ticks moment(Ticks reading) const noexcept { return std::max(start_, reading); }
    Ticks last() const noexcept { return last_; }

private:
    Ticks start_;
    Ticks last_;
};

/// Takes the readings of one row in their order. Hot: the encoder keeps it in registers.
class RowClock {
public:
    /// `shortest`: of shortest_zone().
    RowClock(Ticks start, Ticks shortest) noexcept : last_(start), earliest_end_(start), shortest_(shortest) {}

    Ticks begin(Ticks reading) noexcept {
        last_ = std::max(last_, reading);
        earliest_end_ = last_ + shortest_;
        return last_;
    }
    Ticks end(Ticks reading) noexcept {
        last_ = std::max(earliest_end_, reading);
        earliest_end_ = last_;
        return last_;
    }
    /// Of what has no length.
    Ticks moment(Ticks reading) noexcept {
        last_ = std::max(last_, reading);
        earliest_end_ = std::max(earliest_end_, last_);
        return last_;
    }
    Ticks last() const noexcept { return last_; }

private:
    Ticks last_;
    Ticks earliest_end_;  // never before last_
    Ticks shortest_;
};

}  // namespace tracypy::base
