// Writers that hold no interpreter, while sessions come and go, and a drain reads: what arrives is nested, and what
// each of them has written while its session went on is there.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
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

using recorder::DropPolicy;
using recorder::OpenZone;
using recorder::Recorder;
using recorder::ThreadBuffer;
using recorder::WriterGate;
using recorder::WritersStopped;
using recorder::ZoneKey;

/// Counts begins and ends, thread by thread. Only what is left open at the end of a session shows as such.
class Counts final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        int& depth = depths[batch.thread];
        for (const events::Word* word = batch.words.data(); word < batch.words.data() + batch.words.size();
             word += events::layout::words_at(word)) {
            const bool is_end = (word[0] & (events::layout::kTagMask | events::layout::kNearBegin)) == 0;
            depth += is_end ? -1 : 1;
            begun += is_end ? 0 : 1;
            is_nested = is_nested && depth >= 0;
        }
    }

    std::map<base::ThreadId, int> depths;
    std::uint64_t begun = 0;
    bool is_nested = true;
};

/// What a native thread does for one zone: as cpython/native does it.
class Writer {
public:
    Writer(Recorder& recorder, std::uint64_t native_id)
        : recorder_(recorder), buffer_(*recorder.find_or_create(native_id, true)) {
        recorder.gate().expect_writers();
    }
    ~Writer() { recorder_.thread_exits(buffer_); }

    ZoneKey begin() {
        if (!enter()) return 0;
        const ZoneKey key = buffer_.new_numbered_token();
        buffer_.begin(OpenZone(key, base::SourceLocationId::Other));
        WriterGate::leave(buffer_.gate_mark());
        return key;
    }
    void end(ZoneKey key) {
        if (key == 0 || !enter()) return;
        buffer_.end_by_hand(key, base::now_ticks(), {});
        WriterGate::leave(buffer_.gate_mark());
    }

private:
    bool enter() {
        if (recorder_.epoch() == 0) return false;
        recorder_.gate().enter(buffer_.gate_mark());
        const std::uint64_t epoch = recorder_.epoch();
        if (epoch == 0) {
            WriterGate::leave(buffer_.gate_mark());
            return false;
        }
        if (buffer_.epoch.load() != epoch) buffer_.looked_up(epoch);
        return true;
    }

    Recorder& recorder_;
    ThreadBuffer& buffer_;
};

TEST(a_closed_gate_keeps_writers_out_until_it_opens) {
    WriterGate gate;
    WriterGate::Mark mark{false};
    gate.expect_writers();
    CHECK(gate.close());
    CHECK(!gate.try_enter(mark));
    CHECK(!mark.load());
    gate.open();
    CHECK(gate.try_enter(mark));
    CHECK(mark.load());
}

TEST(a_gate_that_nobody_has_used_costs_no_look_around) {
    WriterGate gate;
    CHECK(!gate.close());
    gate.open();
}

TEST(a_token_says_which_buffer_it_is_of_however_many_there_were) {
    base::Names names;
    Recorder recorder(names);
    ThreadBuffer& one = *recorder.find_or_create(1, true);
    ThreadBuffer& other = *recorder.find_or_create(2, true);
    CHECK(one.number() != other.number());
    for (int i = 0; i < 1000; ++i) {
        CHECK(ThreadBuffer::number_of(one.new_numbered_token()) == one.number());
        CHECK(ThreadBuffer::number_of(other.new_numbered_token()) == other.number());
    }
}

TEST(whoever_stops_the_writers_waits_for_those_inside) {
    base::Names names;
    Recorder recorder(names);
    recorder.start();
    ThreadBuffer& buffer = *recorder.find_or_create(1, true);
    recorder.gate().expect_writers();
    recorder.gate().enter(buffer.gate_mark());
    std::atomic<bool> is_stopped{false};
    std::thread control([&] {
        const WritersStopped stopped(recorder);
        is_stopped = true;
    });
    for (int i = 0; i < 100; ++i) WriterGate::pause();
    CHECK(!is_stopped);
    WriterGate::leave(buffer.gate_mark());
    control.join();
    CHECK(is_stopped);
}

// In a forked child nobody is inside any more, and nobody will open what was closed.
TEST(a_child_finds_the_gate_open_and_empty) {
    base::Names names;
    Recorder recorder(names);
    recorder.start();
    ThreadBuffer& buffer = *recorder.find_or_create(1, true);
    recorder.gate().expect_writers();
    recorder.gate().enter(buffer.gate_mark());
    (void)recorder.gate().close();
    recorder.wake_in_child();
    CHECK(recorder.epoch() == 0);
    CHECK(!buffer.is_in_gate());
    WriterGate::Mark mark{false};
    CHECK(recorder.gate().try_enter(mark));
}

TEST(a_zone_that_ends_on_another_thread_ends_on_its_own) {
    base::Names names;
    Recorder recorder(names);
    recorder.start();
    Writer one(recorder, 1);
    Writer other(recorder, 2);
    const ZoneKey key = one.begin();
    const ZoneKey inner = other.begin();
    recorder.post_to_owner(key, true, base::now_ticks(), {});
    other.end(inner);
    one.end(one.begin());  // comes by
    Counts counts;
    recorder.drain(counts, 1'000'000);
    CHECK(counts.is_nested);
    CHECK(counts.begun == 3);
    for (const auto& [thread, depth] : counts.depths) CHECK(depth == 0);
}

TEST(what_is_said_about_a_zone_whose_thread_does_not_come_by_is_bounded) {
    base::Names names;
    Recorder recorder(names);
    recorder.start();
    Writer writer(recorder, 1);
    const ZoneKey key = writer.begin();
    constexpr std::uint64_t kMany = 20'000;
    for (std::uint64_t i = 0; i < kMany; ++i) {
        recorder.post_to_owner(key, false, 0, {{events::Kind::ZoneValue, i, {}}});
    }
    CHECK(recorder.policy().lost(recorder::Lost::Markup) == kMany - 10'000);
}

// What an engine's own client is told: by each thread, with no drain.
TEST(a_sink_may_be_told_at_once_by_the_threads_themselves) {
    base::Names names;
    Recorder recorder(names);
    Counts counts;
    recorder.tell_at_once(&counts);
    recorder.start();
    {
        Writer writer(recorder, 1);
        const ZoneKey outer = writer.begin();
        CHECK(counts.begun == 1);
        writer.end(writer.begin());
        writer.end(outer);
        CHECK(counts.begun == 2);
        (void)writer.begin();  // is left open
    }
    for (const auto& [thread, depth] : counts.depths) CHECK(depth == 0);
    std::vector<std::thread> threads;
    for (std::uint64_t i = 2; i < 5; ++i) {
        threads.emplace_back([&recorder, i] {
            Writer writer(recorder, i);
            for (int zone = 0; zone < 1000; ++zone) writer.end(writer.begin());
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(counts.begun == 3 + 3 * 1000);
    CHECK(counts.is_nested);
    recorder.stop();
    recorder.tell_at_once(nullptr);
    recorder.await_telling();
}

// The heart of it: nobody takes a lock per zone, and still control has all of them to itself whenever it wants.
TEST(sessions_come_and_go_while_threads_without_an_interpreter_write) {
    base::Names names;
    Recorder recorder(names);
    constexpr int kThreads = 3;
    std::atomic<bool> is_over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&recorder, &is_over, i] {
            Writer writer(recorder, static_cast<std::uint64_t>(i) + 10);
            while (!is_over) {
                const ZoneKey outer = writer.begin();
                const ZoneKey inner = writer.begin();
                writer.end(inner);
                writer.end(outer);
                writer.end(inner);  // again: it is not open
            }
        });
    }
    std::uint64_t zones = 0;
    for (int session = 0; session < 40; ++session) {
        {
            const WritersStopped stopped(recorder);
            recorder.start();
        }
        Counts counts;
        for (int round = 0; round < 20 || counts.begun < 100; ++round) {
            recorder.drain(counts, 100'000);
            const WritersStopped stopped(recorder);
            if (round % 5 == 0) recorder.advance();
            if (round % 7 == 0)
                recorder.for_each([](ThreadBuffer& buffer) { buffer.end_down_to(0, base::now_ticks()); });
        }
        {
            const WritersStopped stopped(recorder);
            recorder.finish();
            recorder.for_each([](ThreadBuffer& buffer) { buffer.end_down_to(0, base::now_ticks()); });
            recorder.stop();
        }
        while (recorder.drain(counts, 1'000'000) != 0) {
        }
        CHECK(counts.is_nested);
        for (const auto& [thread, depth] : counts.depths) CHECK(depth == 0);
        zones += counts.begun;
    }
    is_over = true;
    for (std::thread& thread : threads) thread.join();
    CHECK(zones >= 40 * 100);
    CHECK(recorder.policy().lost(recorder::Lost::Zone) == 0);
}

}  // namespace
}  // namespace tracypy::native_tests
