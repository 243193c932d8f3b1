#include "drivers/remote_clock.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tracypy::drivers {
namespace {

/// Clients of one machine read one counter: then the lengths of their ticks differ by what they have measured.
constexpr double kSameClock = 0.01;
/// A client says when it began: that is about now, or before.
constexpr double kSameMomentS = 10;
/// A client may ask either of the system's clocks.
constexpr std::int64_t kSameReadingNs = 1'000;
/// In so short a time no other counter comes by the same numbers.
constexpr double kShortS = 2;
/// The least delay is looked for in so long a time.
constexpr double kWindowNs = 10e9;

base::Ticks ticks_of(double ns) noexcept {
    return static_cast<base::Ticks>(ns / base::tick_scale().nanoseconds_per_tick());
}

std::string microseconds(base::Ticks ticks) {
    const double ns = static_cast<double>(ticks) * base::tick_scale().nanoseconds_per_tick();
    return std::to_string(std::llround(ns / 1e3)) + " microseconds";
}

// Who is asked, and answers with a reading of our counter from between, reads it; however long it believes a tick to
// be.
bool answers_by_our_clock(const protocol::Welcome& said, const Meeting& meeting) noexcept {
    const bool is_short = meeting.welcomed - meeting.asked <= ticks_of(kShortS * 1e9);
    return (is_short || meeting.is_local) && meeting.asked <= said.connected_tick &&
           said.connected_tick <= meeting.welcomed;
}

bool may_read_our_clock(const protocol::Welcome& said, const Meeting& meeting) noexcept {
    const bool counts = said.nanoseconds_per_tick != 1.0;  // else it asks the system
    const bool is_one_clock = counts || std::abs(base::between_system_clocks_ns()) <= kSameReadingNs;
    const double ratio = said.nanoseconds_per_tick / base::tick_scale().nanoseconds_per_tick();
    const double ago_s =
        static_cast<double>(meeting.welcomed - said.initialized_tick) * said.nanoseconds_per_tick * 1e-9;
    return meeting.is_local && counts == base::has_counter_clock() && is_one_clock &&
           std::abs(ratio - 1) <= kSameClock && ago_s >= -kSameMomentS;
}

}  // namespace

RemoteClock::RemoteClock(const protocol::Welcome& said, const Meeting& meeting) : says_when_asked_(said.is_on_demand) {
    if (says_when_asked_ ? answers_by_our_clock(said, meeting) : may_read_our_clock(said, meeting)) return;
    half_trip_ = (meeting.welcomed - meeting.asked) / 2 + ticks_of(1e3);
    map_ = TickMap(said.connected_tick, meeting.asked + (meeting.welcomed - meeting.asked) / 2,
                   said.nanoseconds_per_tick / base::tick_scale().nanoseconds_per_tick());
    is_known_ = says_when_asked_;
}

bool RemoteClock::learn(base::Ticks newest, base::Ticks now) noexcept {
    is_known_ = true;
    map_.from = last_ = newest;
    map_.to = now;
    return true;
}

bool RemoteClock::note(base::Ticks newest, base::Ticks now) noexcept {
    if (is_ours() || newest == last_) return false;
    if (!is_known_) return learn(newest, now);
    const base::Ticks told_until = std::exchange(last_, newest);
    const base::Ticks delay = now - map_(newest);
    if (delay < 0) return shift(delay, told_until);
    least_ = std::min(least_, delay);
    if (window_end_ == 0) window_end_ = now + ticks_of(kWindowNs);
    if (now < window_end_) return false;
    window_end_ = now + ticks_of(kWindowNs);
    const base::Ticks least = std::exchange(least_, kNone);
    if (usual_ == kNone) {
        usual_ = least;
        return false;
    }
    return least != usual_ && shift(least - usual_, told_until);
}

bool RemoteClock::shift(base::Ticks by, base::Ticks told_until) noexcept {
    map_.shift(by, told_until);
    least_ = kNone;
    ++shifts_;
    shifted_ += by;
    return true;
}

std::string RemoteClock::precision() const {
    if (!says_when_asked_) return "its newest event is taken to have happened when it came";
    return "to " + microseconds(half_trip_) + ", and better as it goes on";
}

std::string RemoteClock::corrections() const {
    if (std::abs(shifted_) <= (says_when_asked_ ? half_trip_ : 0)) return {};
    return "its clock was put right " + std::to_string(shifts_) + (shifts_ == 1 ? " time" : " times") + ", by " +
           microseconds(std::abs(shifted_)) + (shifted_ < 0 ? " to earlier in all" : " to later in all");
}

}  // namespace tracypy::drivers
