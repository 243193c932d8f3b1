// Zones that begin and end at one reading of the counter: every one lasts in every viewer, where it belongs.
#include "base/row_clock.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "protocol/client_session.hpp"
#include "protocol/wire_bytes.hpp"
#include "stream_reader.hpp"

namespace tracypy::native_tests {
namespace {

using base::RowClock;
using base::shortest_zone;
using base::Ticks;
using events::Word;

constexpr Ticks kStart = 1'000'000;
constexpr base::ThreadId kThread{5};

/// As every release of the viewer does it.
std::int64_t viewer_ns(Ticks tick, double ns_per_tick) {
    return static_cast<std::int64_t>(static_cast<double>(tick - kStart) * ns_per_tick);
}

/// A tree of calls whose counter steps: most events share their reading with those before.
class RandomCalls {
public:
    explicit RandomCalls(unsigned seed) : random_(seed) {}

    std::vector<Word> make(int events) {
        for (int i = 0; i < events; ++i) {
            if (random_() % 8 == 0) tick_ += static_cast<Ticks>(random_() % 40);
            const Ticks tick = tick_ - static_cast<Ticks>(random_() % 16 == 0);
            const auto what = random_() % 16;
            if (depth_ == 0 || what < 7) {
                events::append(words_, events::ZoneBegin{tick});
                ++depth_;
                ++zones;
            } else if (what < 15) {
                events::append(words_, events::ZoneEnd{tick});
                --depth_;
            } else {
                events::append(words_, events::Message{tick});
            }
        }
        return words_;
    }
    Ticks now() const { return tick_; }

    std::size_t zones = 0;

private:
    std::mt19937 random_;
    Ticks tick_ = kStart;
    std::size_t depth_ = 0;
    std::vector<Word> words_;
};

/// What a viewer with `protocol` has of `words`, which come in batches that end anywhere.
std::unique_ptr<StreamReader> seen_by_viewer(const protocol::Dialect& dialect, const std::vector<Word>& words,
                                             Ticks end, double ns_per_tick) {
    const base::Names names;
    protocol::ClientSession session(names);
    char greeting[protocol::kGreetingBytes];
    std::copy_n(protocol::kShibboleth, sizeof(protocol::kShibboleth), greeting);
    protocol::put(greeting + sizeof(protocol::kShibboleth), dialect.protocol);
    session.receive(greeting);
    protocol::Welcome facts;
    facts.nanoseconds_per_tick = ns_per_tick;
    session.welcome(facts, kStart, 0, protocol::Packing::Stored);
    session.output().clear();
    for (std::size_t at = 0; at < words.size();) {
        std::size_t until = at;
        while (until < words.size() && until < at + 700) until += events::layout::words_at(&words[until]);
        session.thread_batch({kThread, {words.data() + at, until - at}});
        at = until;
    }
    session.finish(end);
    auto reader = std::make_unique<StreamReader>(dialect.protocol);
    reader->feed(session.output().pending());
    return reader;
}

/// Each lasts, lies in the one around it, and behind the one before.
bool are_nested_and_last(const std::vector<Zone>& zones, double ns_per_tick) {
    std::vector<const Zone*> open;
    Ticks free_from = kStart;
    for (const Zone& zone : zones) {
        while (open.size() > zone.depth) {
            free_from = open.back()->end;
            open.pop_back();
        }
        if (zone.start < free_from) return false;
        if (!open.empty() && (zone.start < open.back()->start || zone.end > open.back()->end)) return false;
        if (viewer_ns(zone.end, ns_per_tick) <= viewer_ns(zone.start, ns_per_tick)) return false;
        open.push_back(&zone);
        free_from = zone.start;
    }
    return true;
}

}  // namespace

TEST(the_shortest_zone_lasts_a_nanosecond_wherever_it_begins) {
    CHECK(shortest_zone(1.0) == 1 && shortest_zone(0.5) == 2 && shortest_zone(0.3) == 4 && shortest_zone(7.0) == 1);
    CHECK(shortest_zone(1.0 / 3.0) == 4);  // the double is a little less than a third
    for (const double nonsense : {0.0, -1.0, std::nan(""), 1e-12}) CHECK(shortest_zone(nonsense) == 1'000);
    std::mt19937_64 random(12);
    for (int i = 0; i < 200'000; ++i) {
        const double scale = 0.15 + 1.5 * static_cast<double>(random() % 1'000'000) / 1e6;
        const Ticks shortest = shortest_zone(scale);
        const Ticks begin = kStart + static_cast<Ticks>(random() >> (14 + random() % 40));  // up to some days
        CHECK(viewer_ns(begin + shortest, scale) > viewer_ns(begin, scale));
        CHECK(static_cast<double>(shortest - 1) * scale < 1);  // and not a tick more
    }
}

TEST(a_row_has_its_own_readings_again_as_soon_as_it_can) {
    RowClock row(kStart, 4);
    for (int call = 0; call < 3; ++call) {  // the counter stands
        CHECK(row.begin(kStart) == kStart + 4 * call);
        CHECK(row.end(kStart) == kStart + 4 * call + 4);
    }
    CHECK(row.begin(kStart + 10) == kStart + 12);   // it goes on, but is behind
    CHECK(row.moment(kStart + 10) == kStart + 12);  // a message does not make a zone longer
    CHECK(row.begin(kStart + 13) == kStart + 13);
    CHECK(row.end(kStart + 13) == kStart + 17);
    CHECK(row.end(kStart + 14) == kStart + 17);  // contains what was inside; need not be longer
    CHECK(row.begin(kStart + 30) == kStart + 30 && row.end(kStart + 35) == kStart + 35);  // as it was
    CHECK(row.last() == kStart + 35);
}

TEST(zones_of_no_length_count_in_every_viewer) {
    for (const protocol::Dialect& dialect : protocol::dialects()) {
        for (const double ns_per_tick : {1.0, 1.0 / 3.0, 0.4166, 10.0}) {
            RandomCalls calls(dialect.protocol);
            const std::vector<Word> words = calls.make(20'000);
            const auto seen = seen_by_viewer(dialect, words, calls.now(), ns_per_tick);
            CHECK(seen->error.empty() && seen->terminated && seen->open_zones() == 0);
            const std::vector<Zone>& zones = seen->zones.at(static_cast<std::uint32_t>(kThread));
            CHECK(zones.size() == calls.zones);
            CHECK(are_nested_and_last(zones, ns_per_tick));
        }
    }
}

TEST(times_that_differ_enough_stay_as_they_are) {
    std::vector<Word> words;
    for (Ticks i = 0; i < 1'000; ++i) {
        const Ticks tick = kStart + 3 * i;
        events::append(words, events::ZoneBegin{tick});
        events::append(words, events::ZoneEnd{tick + 3});
    }
    const auto seen = seen_by_viewer(*protocol::find_dialect(82), words, kStart + 5'000, 0.4);
    Ticks expected = kStart;
    for (const Zone& zone : seen->zones.at(static_cast<std::uint32_t>(kThread))) {
        CHECK(zone.start == expected && zone.end == expected + 3);
        expected += 3;
    }
}

}  // namespace tracypy::native_tests
