// The walk over a thread's words, held against the plainest thing that does the same with a list of events.
#include "events/thread_walk.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <variant>
#include <vector>

#include "check.hpp"
#include "words.hpp"

namespace tracypy::native_tests {
namespace {

using base::Ticks;
using events::Word;

constexpr Ticks kStart = 1'000;
constexpr Ticks kShortest = 3;

#define TRACYPY_ALTERNATIVE(number, name, fields) , events::name
using Event = std::variant<std::monostate TRACYPY_THREAD_EVENTS(TRACYPY_ALTERNATIVE, )>;
#undef TRACYPY_ALTERNATIVE
constexpr std::size_t kKinds = std::variant_size_v<Event> - 1;

/// Any kind with any content; times that mostly go on, texts that `texts` owns.
class RandomEvents {
public:
    explicit RandomEvents(unsigned seed) : random_(seed) {}

    Event next() {
        // Half of all are begins and ends, so that zones are open most of the time.
        const std::size_t which = random_() % 2 == 0 ? random_() % 2 : random_() % kKinds;
        Event event;
        std::size_t at = 0;
#define TRACYPY_MAKE(number, name, fields) \
    if (at++ == which) event = make<events::name>();
        TRACYPY_THREAD_EVENTS(TRACYPY_MAKE, )
#undef TRACYPY_MAKE
        return event;
    }
    std::size_t below(std::size_t bound) { return random_() % bound; }

private:
    template <typename Made>
    Made make() {
        Made made;
        each_field(made, [&](auto& field) { fill(field); });
        return made;
    }
    void fill(Ticks& tick) {
        now_ += static_cast<Ticks>(random_() % 8);
        tick = now_ - (random_() % 5 == 0 ? static_cast<Ticks>(random_() % 20) : 0);
    }
    void fill(std::string_view& text) {
        static const std::string all(40, 'x');
        text = std::string_view(all).substr(0, random_() % (all.size() + 1));
    }
    template <typename Field>
    void fill(Field& field) {
        field = static_cast<Field>(random_());
    }

    std::mt19937_64 random_;
    Ticks now_ = kStart - 10;
};

template <typename What>
std::string describe(const What& event) {
    std::string text = std::to_string(static_cast<int>(What::kKind));
    each_field(event, [&text](const auto& field) {
        text += ' ';
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(field)>, std::string_view>) {
            text += field;
        } else {
            text += std::to_string(static_cast<std::uint64_t>(field));
        }
    });
    return text;
}

const std::string kDropped = "dropped";

struct Listener {
    template <events::ThreadEvent What>
    void on(const What& event) {
        heard->push_back(describe(event));
    }
    void dropped() { heard->push_back(kDropped); }

    std::vector<std::string>* heard;
};

/// One event after the other, with a stack of the zones that are open.
class Reference {
public:
    template <events::ZoneOpening What>
    void take(What zone) {
        last_ = zone.tick = std::max(last_, zone.tick);
        begins_.push_back(last_);
        heard.push_back(describe(zone));
    }
    void take(const events::ZoneEnd& zone) {
        if (begins_.empty()) return heard.push_back(kDropped);
        last_ = std::max({last_, zone.tick, begins_.back() + kShortest});
        begins_.pop_back();
        heard.push_back(describe(events::ZoneEnd{last_}));
    }
    template <events::ZoneDetail What>
    void take(const What& event) {
        heard.push_back(begins_.empty() ? kDropped : describe(event));
    }
    template <events::ThreadMoment What>
    void take(What event) {
        last_ = event.tick = std::max(last_, event.tick);
        heard.push_back(describe(event));
    }
    void take(std::monostate) {}

    std::size_t open_zones() const { return begins_.size(); }
    Ticks last_tick() const { return last_; }
    std::vector<std::string> heard;

private:
    Ticks last_ = kStart;
    std::vector<Ticks> begins_;
};

void append(std::vector<Word>& words, const Event& event) {
    std::visit(
        [&words](const auto& what) {
            if constexpr (!std::is_same_v<std::remove_cvref_t<decltype(what)>, std::monostate>) {
                const std::size_t before = words.size();
                events::append(words, what);
                CHECK(words.size() - before == events::words_of(what));
            }
        },
        event);
}

}  // namespace

TEST(a_walk_hears_every_event_once_in_order_with_times_and_zones_made_right) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        RandomEvents random(seed);
        Reference reference;
        std::vector<std::string> heard;
        Listener listener{&heard};
        events::RowWalk walk(base::RowClock(kStart, kShortest));
        for (int batch = 0; batch < 20; ++batch) {
            std::vector<Word> words;
            for (std::size_t i = random.below(30); i > 0; --i) {
                const Event event = random.next();
                append(words, event);
                std::visit([&reference](const auto& what) { reference.take(what); }, event);
            }
            walk.walk(words, listener);
            CHECK(walk.open_zones() == reference.open_zones() && walk.last_tick() == reference.last_tick());
        }
        while (reference.open_zones() != 0) reference.take(events::ZoneEnd{5'000});
        walk.end_all(5'000, listener);
        CHECK(walk.open_zones() == 0);
        CHECK(heard == reference.heard);
    }
}

TEST(a_steady_walk_changes_nothing_but_times_that_go_back) {
    std::vector<std::string> heard;
    Listener listener{&heard};
    events::SteadyWalk walk{base::SteadyClock(kStart)};
    walk.walk(Words().begin(10, 7).begin(2'000, 8).end(2'000).end(1'999).message(1'500, "late", 3).all(), listener);
    const std::vector<std::string> expected{"0 1000 7", "0 2000 8", "1 2000", "1 2000", "6 2000 3 late 2 0 0 0"};
    CHECK(heard == expected);
}

TEST(a_captured_message_keeps_its_time_and_moves_no_zone) {
    std::vector<std::string> heard;
    Listener listener{&heard};
    events::CapturedWalk walk{base::CapturedClock(kStart)};
    walk.walk(Words().begin(2'000, 7).message(9'000, "far", 3).message(1'500, "late", 3).end(2'100).all(), listener);
    const std::vector<std::string> expected{"0 2000 7", "6 9000 3 far 2 0 0 0", "6 1500 3 late 2 0 0 0", "1 2100"};
    CHECK(heard == expected);
}

TEST(an_event_that_is_cut_is_told_and_nothing_behind_it_is_touched) {
    RandomEvents random(1);
    for (int round = 0; round < 2'000; ++round) {
        std::vector<Word> words;
        events::append(words, events::ZoneBegin{kStart});
        const std::size_t before = words.size();
        append(words, random.next());
        const std::size_t size = words.size() - before;
        if (size < 2) continue;  // cannot be cut
        // A buffer of its own, so that a look behind its end is found by a sanitizer.
        const std::vector<Word> part(words.begin(),
                                     words.end() - static_cast<std::ptrdiff_t>(1 + random.below(size - 1)));
        std::vector<std::string> heard;
        Listener listener{&heard};
        events::SteadyWalk walk{base::SteadyClock(kStart)};
        walk.walk(part, listener);
        CHECK(heard.size() == 2 && heard.back() == kDropped && walk.open_zones() == 1);
    }
}

TEST(an_event_of_no_kind_ends_its_batch_and_is_told) {
    for (Word kind = 0; kind < events::kMostKinds; ++kind) {
        std::vector<Word> words{kind << 2 | 2};  // without text and fields
        words.resize(300);
        std::vector<std::string> heard;
        Listener listener{&heard};
        events::SteadyWalk walk{base::SteadyClock(kStart)};
        walk.walk(words, listener);
        const auto is = [kind](events::Kind one) { return kind == static_cast<Word>(one); };
        const bool needs_no_zone = is(events::Kind::Message) || is(events::Kind::ZoneBegin) ||
                                   is(events::Kind::ZoneBeginCallstack) || is(events::Kind::FiberEnter) ||
                                   is(events::Kind::FiberLeave);
        CHECK(!heard.empty());
        CHECK((heard.front() != kDropped) == needs_no_zone);
        const bool has_this_form = events::layout::kFieldWords[kind] != events::layout::kNoSuchKind;
        if (!has_this_form) CHECK(heard.size() == 1);  // how long it is, nobody knows
    }
}

TEST(a_near_begin_is_found_before_or_behind_the_event_before_it) {
    constexpr Ticks kHalf = Ticks{1} << 44;
    for (const Ticks last :
         {Ticks{0}, kHalf - 1, kHalf, 2 * kHalf - 1, 2 * kHalf, 77 * kHalf + 5, (Ticks{1} << 61) + 3}) {
        for (const Ticks since : {Ticks{0}, Ticks{1}, Ticks{70'000}, kHalf - 1, Ticks{-1}, Ticks{-70'000}, 1 - kHalf}) {
            for (const std::uint32_t location : {0u, 7u, 262'143u}) {
                if (last + since < 0) continue;
                std::vector<Word> words;
                events::append_near(words, {last + since, base::SourceLocationId{location}});
                std::vector<std::string> heard;
                Listener listener{&heard};
                events::SteadyWalk walk{base::SteadyClock(last)};
                walk.walk(words, listener);
                const std::vector<std::string> expected{
                    describe(events::ZoneBegin{std::max(last, last + since), base::SourceLocationId{location}})};
                CHECK(heard == expected && walk.open_zones() == 1);
            }
        }
    }
}

}  // namespace tracypy::native_tests
