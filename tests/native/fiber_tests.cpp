// Fibers in the recorder: their runs, rows and zones as a sink sees them. FiberEnter and FiberLeave enclose what
// belongs to a row.
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "events/null_sink.hpp"
#include "events/thread_walk.hpp"
#include "recorder/recorder.hpp"
#include "recorder/row_batches.hpp"

namespace tracypy::native_tests {
namespace {

using base::SourceLocationId;
using base::ThreadId;
using recorder::FiberRows;
using recorder::Recorder;
using recorder::ThreadBuffer;

/// What happened on each row, a letter each: ( and ) a run, b and e a zone.
class Rows final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{&of[batch.thread]};
        walks_.try_emplace(batch.thread, base::SteadyClock(0)).first->second.walk(batch.words, visitor);
    }
    std::unordered_map<ThreadId, std::string> of;

private:
    struct Visitor {
        void on(const events::ZoneBegin&) { *row += 'b'; }
        void on(const events::ZoneEnd&) { *row += 'e'; }
        void on(const events::FiberEnter&) { *row += '('; }
        void on(const events::FiberLeave&) { *row += ')'; }
        template <events::ThreadEvent Event>
        void on(const Event&) noexcept {}
        void dropped() { *row += '!'; }
        std::string* row;
    };
    std::unordered_map<ThreadId, events::SteadyWalk> walks_;
};

void drain(Recorder& recorder, Rows& rows) {
    while (recorder.drain(rows, 1'000) != 0) {
    }
}

TEST(zones_stay_open_while_their_fiber_waits) {
    Recorder recorder(base::names());
    recorder.start();
    ThreadBuffer& buffer = *recorder.find_or_create(1, true);
    buffer.reset(recorder.epoch());
    buffer.begin(64, SourceLocationId{1});
    const recorder::Fiber* const first = buffer.begin_fiber(1000, "a");
    CHECK(first != nullptr);
    buffer.begin(1000, SourceLocationId{2});
    buffer.suspend_fiber();
    CHECK(buffer.depth() == 1);
    const recorder::Fiber* const second = buffer.begin_fiber(2000, "a");
    CHECK(second != nullptr && second->row != first->row);
    buffer.end_fiber();
    CHECK(buffer.resume_fiber(1000) && !buffer.resume_fiber(1000) && !buffer.resume_fiber(2000));
    CHECK(buffer.end(1000));
    buffer.end_fiber();
    CHECK(buffer.end(64));
    Rows rows;
    drain(recorder, rows);
    CHECK(rows.of[buffer.id()] == "be" && rows.of[first->row] == "(b)(e)" && rows.of[second->row] == "()");
    CHECK(base::names().threads.find(first->row) == "a");
    recorder.stop();
}

TEST(rows_of_fibers_are_used_again) {
    Recorder recorder(base::names());
    recorder.start();
    ThreadBuffer& buffer = *recorder.find_or_create(1, true);
    buffer.reset(recorder.epoch());
    Rows rows;
    for (recorder::FiberKey key = 8; key < 80'000; key += 8) {
        CHECK(buffer.begin_fiber(key, "task") != nullptr);
        buffer.end_fiber();
        if (key % 800 == 0) drain(recorder, rows);
    }
    drain(recorder, rows);
    CHECK(rows.of.size() == 1);
    recorder.stop();
}

TEST(fibers_without_a_row_are_refused_and_counted) {
    Recorder recorder(base::names());
    recorder.start();
    ThreadBuffer& buffer = *recorder.find_or_create(1, true);
    buffer.reset(recorder.epoch());
    std::size_t begun = 0;
    for (recorder::FiberKey key = 8; buffer.begin_fiber(key, "task") != nullptr; key += 8) {
        ++begun;
        buffer.suspend_fiber();
    }
    CHECK(begun == FiberRows::kMost && recorder.policy().lost(recorder::Lost::Row) != 0);
    CHECK(buffer.resume_fiber(8));
    buffer.end_fiber();
    CHECK(buffer.begin_fiber(8, "task") != nullptr);
    buffer.end_all_fibers(base::now_ticks());
    CHECK(buffer.running_fiber() == nullptr);
    recorder.stop();
}

struct BeginTimes {
    void on(const events::ZoneBegin& zone) { begun->push_back(zone.tick); }
    template <events::ThreadEvent Event>
    void on(const Event&) noexcept {}
    void dropped() { CHECK(!"an event has no zone"); }
    std::vector<base::Ticks>* begun;
};

// A near begin reaches 2^44 ticks from the event before it: on its own row that may have been longer ago.
TEST(a_row_that_has_rested_for_hours_goes_on_at_the_right_time) {
    constexpr base::Ticks kHour = base::Ticks{1} << 44;  // at 5 GHz
    constexpr ThreadId kOwn{1}, kFiber{2};
    std::vector<events::Word> words;
    const auto zone = [&words](base::Ticks tick) {
        events::append_near(words, {tick, SourceLocationId{3}});
        events::append(words, events::ZoneText{"text"});
        events::append(words, events::ZoneEnd{tick + 1});
    };
    std::vector<base::Ticks> expected;
    base::Ticks now = 1;
    for (int run = 0; run < 9; ++run) {
        zone(now);
        expected.push_back(now);
        for (int step = 0; step < 5; ++step) {
            events::append(words, events::FiberEnter{now += kHour / 4, kFiber, kOwn});
            zone(now += 2);
            events::append(words, events::FiberLeave{now += 2});
        }
        now += 2;
    }
    std::unordered_map<ThreadId, std::vector<base::Ticks>> begun;
    std::unordered_map<ThreadId, events::SteadyWalk> walks;
    recorder::RowBatches rows(kOwn);
    rows.split(words, [&](const events::ThreadBatch& batch) {
        CHECK(batch.carrier == (batch.thread == kFiber ? kOwn : ThreadId::None));
        BeginTimes visitor{&begun[batch.thread]};
        walks.try_emplace(batch.thread, base::SteadyClock(0)).first->second.walk(batch.words, visitor);
    });
    CHECK(begun[kOwn] == expected && begun[kFiber].size() == 45);
}

TEST(greenlets_take_turns) {
    Recorder recorder(base::names());
    recorder.start();
    ThreadBuffer& buffer = *recorder.find_or_create(1, true);
    buffer.reset(recorder.epoch());
    buffer.switch_greenlet(0, false, 800, "g");
    const ThreadId first = buffer.running_fiber()->row;
    buffer.begin(64, SourceLocationId{1});
    CHECK(buffer.begin_fiber(1000, "task of a loop") != nullptr);
    buffer.switch_greenlet(800, false, 1600, "g");
    const ThreadId second = buffer.running_fiber()->row;
    buffer.begin(128, SourceLocationId{2});
    buffer.switch_greenlet(1600, false, 800, "g");
    CHECK(buffer.running_fiber()->key == 1000);
    buffer.end_fiber();
    CHECK(buffer.end(64));
    buffer.switch_greenlet(800, true, 1600, "g");
    CHECK(buffer.end(128));
    buffer.switch_greenlet(1600, true, 0, "g");
    CHECK(buffer.running_fiber() == nullptr);
    Rows rows;
    drain(recorder, rows);
    CHECK(rows.of[first] == "(b)(e)" && rows.of[second] == "(b)(e)");
    recorder.stop();
}

}  // namespace
}  // namespace tracypy::native_tests
