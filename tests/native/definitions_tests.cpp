// What is said once for all reaches every session: before the event that needs it, once, the last that was said.
#include "recorder/definitions.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "events/null_sink.hpp"
#include "events/thread_walk.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::native_tests {
namespace {

using base::StringId;
using events::PlotFormat;
using events::PlotStyle;
using events::Word;
using recorder::Definitions;
using recorder::Recorder;
using recorder::ThreadBuffer;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr recorder::ZoneKey kKey = 64;

PlotStyle style(std::uint64_t plot, PlotFormat format = PlotFormat::Number) {
    return {StringId{plot}, format, true, false, 0x123456};
}

/// Each zone's location, and each ordered event's word, is the plot to which it refers.
class Sink final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{this};
        if (batch.thread == base::kNoticeThread) {
            notices.emplace_back(events::layout::get<events::Message>(batch.words.data()).text);
            return;
        }
        events::SteadyWalk walk{base::SteadyClock(0)};
        walk.walk(batch.words, visitor);
    }
    void ordered_events(std::span<const events::OrderedEvent> events) override {
        for (const events::OrderedEvent& event : events) refer(event.words[0]);
    }
    void take(std::span<const PlotStyle> more) override {
        for (const PlotStyle& one : more) {
            styles.push_back(one);
            known_.insert(static_cast<std::uint64_t>(one.plot));
        }
    }

    std::vector<PlotStyle> styles;
    std::vector<std::string> notices;
    std::size_t references = 0;
    std::size_t unknown = 0;  // came before what they refer to

private:
    void refer(std::uint64_t plot) {
        ++references;
        if (!known_.contains(plot)) ++unknown;
    }
    struct Visitor {
        void on(const events::ZoneBegin& zone) { sink->refer(static_cast<std::uint64_t>(zone.location)); }
        template <events::ThreadEvent Event>
        void on(const Event&) {}
        void dropped() {}

        Sink* sink;
    };
    std::set<std::uint64_t> known_;
};

ThreadBuffer& thread_of(Recorder& recorder, std::uint64_t number) {
    ThreadBuffer& buffer = *recorder.find_or_create(number, true);
    if (buffer.epoch != recorder.epoch()) buffer.reset(recorder.epoch());
    return buffer;
}

Sink session_of(Recorder& recorder) {
    Sink sink;
    recorder.start();
    (void)recorder.drain(sink, kMegabyte);
    recorder.stop();
    return sink;
}

}  // namespace

TEST(each_session_gets_the_last_of_each_definition_in_the_order_in_which_they_came) {
    Recorder recorder{base::names()};
    for (const std::uint64_t plot : {5u, 3u, 9u}) CHECK(recorder.define(style(plot)));
    CHECK(recorder.define(style(3, PlotFormat::Memory)));
    const std::vector<PlotStyle> all{style(5), style(3, PlotFormat::Memory), style(9)};
    CHECK(session_of(recorder).styles == all);
    CHECK(session_of(recorder).styles == all);
    CHECK(recorder.definitions().find<PlotStyle>(3) == style(3, PlotFormat::Memory));
    CHECK(!recorder.definitions().find<PlotStyle>(4) && !recorder.definitions().find<events::ThreadFacts>(3));
}

TEST(a_session_gets_what_is_new_or_changed_and_nothing_twice) {
    Recorder recorder{base::names()};
    Sink sink;
    recorder.start();
    const auto told = [&] {
        sink.styles.clear();
        (void)recorder.drain(sink, kMegabyte);
        return sink.styles;
    };
    CHECK(told().empty());
    recorder.define(style(1));
    recorder.define(style(2));
    CHECK(told().size() == 2 && told().empty());
    recorder.define(style(1));
    CHECK(told().empty());
    recorder.define(style(1, PlotFormat::Percentage));
    CHECK(told() == std::vector{style(1, PlotFormat::Percentage)});
    recorder.stop();
}

TEST(kinds_are_told_apart) {
    Recorder recorder{base::names()};
    recorder.define(style(7));
    recorder.define(events::ThreadFacts{base::ThreadId{7}, 70, true, 1});
    CHECK(recorder.definitions().find<PlotStyle>(7) == style(7));
    CHECK(recorder.definitions().find<events::ThreadFacts>(7)->id == 70);
    recorder.define(events::AppInfo{StringId{7}});
    CHECK(recorder.definitions().find<PlotStyle>(7) == style(7));
}

/// Definers, writers and the drain at once: a thread writes what refers to a definition as soon as it has made that.
TEST(a_definition_is_there_before_whatever_refers_to_it) {
    constexpr std::uint64_t kThreads = 3;
    constexpr std::uint64_t kPlots = 1'200;
    static_assert(kThreads * kPlots <= Definitions::kMostOfAKind);
    Recorder recorder{base::names()};
    recorder.start();
    std::vector<std::thread> threads;
    std::atomic<std::uint64_t> running{kThreads};
    for (std::uint64_t number = 0; number < kThreads; ++number) {
        threads.emplace_back([&recorder, &running, number] {
            ThreadBuffer& buffer = thread_of(recorder, number + 1);
            for (std::uint64_t i = 1; i <= kPlots; ++i) {
                const std::uint64_t plot = number * kPlots + i;
                recorder.define(style(plot));
                buffer.begin(kKey, base::SourceLocationId{static_cast<std::uint32_t>(plot)});
                const Word word = plot;
                buffer.write_ordered({&word, 1}, true);
                buffer.end(kKey);
            }
            running.fetch_sub(1);
        });
    }
    Sink sink;
    for (bool last = false; !last;) {
        last = running.load() == 0;
        while (recorder.drain(sink, kMegabyte) != 0) {
        }
    }
    for (std::thread& thread : threads) thread.join();
    recorder.stop();
    CHECK(sink.references == 2 * kThreads * kPlots && sink.unknown == 0);
    CHECK(sink.styles.size() == kThreads * kPlots);
}

TEST(what_is_beyond_the_bound_is_left_out_and_told_once_in_each_session) {
    Recorder recorder{base::names()};
    for (std::uint64_t plot = 1; plot <= Definitions::kMostOfAKind; ++plot) CHECK(recorder.define(style(plot)));
    CHECK(session_of(recorder).notices.empty());
    CHECK(!recorder.define(style(1'000'000)));
    CHECK(recorder.define(style(1, PlotFormat::Memory)));
    CHECK(recorder.define(events::ThreadFacts{base::ThreadId{7}, 70, true, 1}));
    for (int session = 0; session < 2; ++session) {
        Sink sink;
        recorder.start();
        for (int i = 0; i < 3; ++i) (void)recorder.drain(sink, kMegabyte);
        recorder.stop();
        CHECK(sink.styles.size() == Definitions::kMostOfAKind);
        REQUIRE(sink.notices.size() == 1);
        CHECK(sink.notices[0] ==
              "tracypy: more styles of plots than there is room for (4096 at most): further ones are left out");
    }
}

TEST(a_forked_child_keeps_what_was_defined) {
    Recorder recorder{base::names()};
    recorder.define(style(1));
    recorder.start();
    recorder.lock_for_fork();
    recorder.unlock_after_fork();
    recorder.forget_threads();
    recorder.define(style(2));
    CHECK(session_of(recorder).styles == (std::vector{style(1), style(2)}));
}

}  // namespace tracypy::native_tests
