// Clients of other clocks: where their times are put, and that this is followed as the clocks drift.
#include "drivers/remote_clock.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "check.hpp"

namespace tracypy::native_tests {
namespace {

using base::Ticks;
using drivers::Meeting;
using drivers::RemoteClock;

constexpr Ticks kFirst = 1'000;  // of the client

Ticks ticks(double seconds) {
    return static_cast<Ticks>(seconds * 1e9 / base::tick_scale().nanoseconds_per_tick());
}

/// Of a client whose ticks are as long as ours.
protocol::Welcome welcome(Ticks connected, bool is_on_demand = true) {
    protocol::Welcome said;
    said.nanoseconds_per_tick = base::tick_scale().nanoseconds_per_tick();
    said.first_tick = said.initialized_tick = kFirst;
    said.is_on_demand = is_on_demand;
    said.connected_tick = connected;
    return said;
}

/// A client whose clock reads `kFirst` at `zero`, and goes `rate` times as fast as ours; what it says takes a while.
struct Client {
    Ticks zero;
    double rate = 1;

    Ticks reads(Ticks now) const { return kFirst + static_cast<Ticks>(static_cast<double>(now - zero) * rate); }
    /// It says something every 20 ms, which comes 2 to 7 ms later. Returns the largest error from `from` on.
    Ticks talk(RemoteClock& clock, double begin_s, double end_s, double from_s) const {
        Ticks worst = 0;
        int step = 0;
        for (double at = begin_s; at < end_s; at += 0.02, ++step) {
            const Ticks happened = zero + ticks(at), comes = happened + ticks(0.002 + 0.001 * (step * 7 % 6));
            (void)clock.note(reads(happened), comes);
            if (at >= from_s) worst = std::max(worst, std::abs(clock.map()(reads(happened)) - happened));
        }
        return worst;
    }
};

TEST(a_clock_is_placed_within_half_a_round_trip) {
    const Client client{base::now_ticks()};
    const Ticks asked = client.zero + ticks(1), trip = ticks(0.1);
    for (const double share : {0.0, 0.3, 1.0}) {  // of the way that it is asked on
        const Ticks read = asked + static_cast<Ticks>(static_cast<double>(trip) * share);
        const RemoteClock clock(welcome(client.reads(read)), {asked, asked + trip, false});
        CHECK(!clock.is_ours() && clock.is_known());
        CHECK(std::abs(clock.map()(client.reads(read)) - read) <= trip / 2 + 1);
        CHECK(std::abs(std::stoll(clock.precision().substr(3)) - 50'000) <= 100);  // microseconds
    }
}

TEST(a_clock_that_reads_ours_is_ours_wherever_it_is) {
    const Ticks now = base::now_ticks();
    for (const bool is_local : {false, true}) {
        CHECK(RemoteClock(welcome(now + 5), {now, now + 10, is_local}).is_ours());
        CHECK(!RemoteClock(welcome(now + 11), {now, now + 10, is_local}).is_ours());
        CHECK(!RemoteClock(welcome(now - 1), {now, now + 10, is_local}).is_ours());
    }
    CHECK(!RemoteClock(welcome(now + 5), {now, now + ticks(60), false}).is_ours());  // a long time to be in
}

TEST(a_clock_that_drifts_is_followed) {
    for (const double rate : {1.0001, 0.9999}) {  // 12 ms in two minutes
        const Client client{base::now_ticks(), rate};
        RemoteClock clock(welcome(client.reads(client.zero)), {client.zero, client.zero + ticks(0.001), false});
        CHECK(client.talk(clock, 0, 120, 30) <= ticks(0.005));
        CHECK(clock.corrections().starts_with("its clock was put right "));
        CHECK(clock.corrections().ends_with(rate > 1 ? " to earlier in all" : " to later in all"));
    }
}

TEST(a_clock_that_does_not_drift_is_left_alone) {
    const Client client{base::now_ticks()};
    const Ticks trip = ticks(0.006);
    RemoteClock clock(welcome(client.reads(client.zero + trip / 2)), {client.zero, client.zero + trip, false});
    CHECK(client.talk(clock, 0, 60, 0) <= ticks(0.001));
    CHECK(clock.corrections().empty());
}

TEST(times_never_go_back_when_a_clock_is_put_right) {
    const Client client{base::now_ticks(), 1.01};
    RemoteClock clock(welcome(client.reads(client.zero)), {client.zero, client.zero, false});
    Ticks newest = 0;
    for (double at = 0; at < 5; at += 0.02) {
        const Ticks happened = client.zero + ticks(at);
        (void)clock.note(client.reads(happened), happened + ticks(0.001));
        for (const Ticks before : {ticks(0.015), Ticks{0}}) {  // what has come with it is older
            const Ticks told = clock.map()(client.reads(happened - before));
            CHECK(told >= newest);
            newest = told;
        }
    }
    CHECK(!clock.corrections().empty());
}

TEST(who_does_not_say_when_it_was_asked_is_placed_by_its_newest_event) {
    const Client client{base::now_ticks() - ticks(600)};  // it has run for ten minutes
    const Ticks now = base::now_ticks(), newest = client.reads(now - ticks(3));
    RemoteClock clock(welcome(0, false), {now, now + ticks(0.001), false});
    CHECK(!clock.is_ours() && !clock.is_known());
    CHECK(clock.precision() == "its newest event is taken to have happened when it came");
    CHECK(clock.note(newest, now));  // it has not said anything for three seconds
    CHECK(clock.is_known());
    CHECK(clock.map()(newest) == now);
    (void)clock.note(client.reads(now + ticks(1)), now + ticks(1.002));
    CHECK(std::abs(clock.map()(client.reads(now + ticks(1))) - (now + ticks(1.002))) <= ticks(0.001));
}

}  // namespace
}  // namespace tracypy::native_tests
