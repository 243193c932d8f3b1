// The clock of a client that is gathered: where its times lie among ours, as well as one can tell.
//
// All programs of one machine read one counter, as a rule. What comes from elsewhere, from another machine, through a
// tunnel or out of a container with a clock of its own, has to be put somewhere. Who records on demand says what its
// clock is when it is asked: that is between the question and the answer. Of who does not, the newest event is taken to
// have happened when it came. After that, nothing happens later than it comes, and what takes least from there to here
// takes as long as ever: what it takes more is the drift of the two clocks.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "drivers/tick_map.hpp"
#include "protocol/handshake.hpp"

namespace tracypy::drivers {

/// How a client was met; by our clock.
struct Meeting {
    base::Ticks asked = 0;     // for its welcome
    base::Ticks welcomed = 0;  // that had come
    bool is_local = false;     // on this machine, as far as its address tells
};

/// One thread. Times of the client are its own ticks.
class RemoteClock {
public:
    RemoteClock() = default;
    RemoteClock(const protocol::Welcome& said, const Meeting& meeting);

    bool is_ours() const noexcept { return map_.is_exact; }
    /// False: note() is to hear of its newest event first.
    bool is_known() const noexcept { return is_known_; }
    const TickMap& map() const noexcept { return map_; }

    /// The newest event that has come by `now` happened at `newest`; what has come before was handed on. True: the map
    /// is another one.
    bool note(base::Ticks newest, base::Ticks now) noexcept;

    /// How exact it is, after "its times are estimated".
    std::string precision() const;
    /// What was found out later, if it is more than that.
    std::string corrections() const;

private:
    static constexpr base::Ticks kNone = INT64_MAX;

    bool learn(base::Ticks newest, base::Ticks now) noexcept;
    bool shift(base::Ticks by, base::Ticks told_until) noexcept;

    TickMap map_;
    base::Ticks half_trip_ = 0;    // of ours
    bool says_when_asked_ = true;  // else its newest event tells
    bool is_known_ = true;
    base::Ticks last_ = TickMap::kNever, least_ = kNone, usual_ = kNone, window_end_ = 0;
    std::uint64_t shifts_ = 0;
    base::Ticks shifted_ = 0;
};

}  // namespace tracypy::drivers
