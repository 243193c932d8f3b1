// A client that reads another clock than ours: where its times lie among ours, as well as one can tell.
//
// Who records on demand says what its clock is when it is asked: that is between the question and the answer. After
// that, nothing happens later than it comes, and what takes least from there to here takes as long as ever: what it
// takes more is the drift of the two clocks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/clock.hpp"
#include "drivers/tick_map.hpp"

namespace tracypy::drivers {

/// One thread. Times of the client are its own ticks.
class RemoteClock {
public:
    RemoteClock() = default;
    explicit RemoteClock(const TickMap& map) noexcept : map_(map) {}

    const TickMap& map() const noexcept { return map_; }

    /// The newest event that has come by `now` happened at `newest`. True: the map is another one.
    bool note(base::Ticks newest, base::Ticks now) noexcept {
        if (map_.is_exact || newest == last_) return false;
        last_ = newest;
        const base::Ticks delay = now - map_(newest);
        if (delay < 0) return shift(delay);
        least_ = std::min(least_, delay);
        if (window_end_ == 0) window_end_ = now + window();
        if (now < window_end_) return false;
        window_end_ = now + window();
        const base::Ticks least = std::exchange(least_, kNone);
        if (usual_ == kNone) {
            usual_ = least;
            return false;
        }
        return least != usual_ && shift(least - usual_);
    }

private:
    static constexpr base::Ticks kNone = INT64_MAX;
    static constexpr double kWindowNs = 10e9;

    static base::Ticks window() noexcept {
        return static_cast<base::Ticks>(kWindowNs / base::tick_scale().nanoseconds_per_tick());
    }
    bool shift(base::Ticks by) noexcept {
        map_.to += by;
        least_ = kNone;
        return true;
    }

    TickMap map_;
    base::Ticks last_ = -1, least_ = kNone, usual_ = kNone, window_end_ = 0;
};

}  // namespace tracypy::drivers
