// Events with an order over all threads: they come out in that order, within the memory cap, and none is lost in
// silence.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "events/null_sink.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::native_tests {
namespace {

using events::Word;
using recorder::FullPolicy;
using recorder::Lost;
using recorder::Recorder;
using recorder::ThreadBuffer;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

/// Keeps the first word of each event.
class Ordered final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        if (batch.thread != base::kNoticeThread) return;
        notices.emplace_back(events::layout::get<events::Message>(batch.words.data()).text);
    }
    void take(std::span<const events::FrameMark> more) override { marks += more.size(); }
    void ordered_events(std::span<const events::OrderedEvent> events) override {
        for (const events::OrderedEvent& event : events) {
            CHECK(event.tick >= last_tick);
            last_tick = event.tick;
            values.push_back(event.words[0]);
            threads.push_back(event.thread);
            words += event.words.size();
        }
    }

    std::vector<Word> values;
    std::vector<base::ThreadId> threads;
    base::Ticks last_tick = 0;
    std::size_t words = 0;
    std::size_t marks = 0;
    std::vector<std::string> notices;
};

struct Session {
    Session() { self.start(); }
    ~Session() { self.stop(); }
    ThreadBuffer& thread(std::uint64_t number) {
        ThreadBuffer& buffer = *self.find_or_create(number, true);
        if (buffer.epoch != self.epoch()) buffer.reset(self.epoch());
        return buffer;
    }
    void read_all() {
        while (self.drain(sink, kMegabyte) != 0) {
        }
    }
    Recorder self{base::names()};
    Ordered sink;
};

void write(ThreadBuffer& buffer, Word value, bool beyond_limit = false) {
    buffer.write_ordered({&value, 1}, beyond_limit);
}

}  // namespace

// The lock is what makes one event a consequence of another, as a program's own locks do.
TEST(events_of_all_threads_come_in_the_order_in_which_they_followed_from_each_other) {
    constexpr unsigned kThreads = 4;
    constexpr Word kEvents = 100'000;
    Session session;
    std::mutex lock;
    Word next = 0;
    std::vector<ThreadBuffer*> buffers;
    for (unsigned i = 0; i < kThreads; ++i) buffers.push_back(&session.thread(i + 1));
    std::vector<std::thread> writers;
    for (unsigned i = 0; i < kThreads; ++i) {
        writers.emplace_back([&, i] {
            for (;;) {
                const std::lock_guard held(lock);
                if (next == kEvents) return;
                if (next % 7 == 0) {
                    session.self.write_ordered(base::ThreadId{99}, {&next, 1}, false);
                } else {
                    write(*buffers[i], next);
                }
                ++next;
            }
        });
    }
    std::atomic<bool> is_over{false};
    std::thread drain([&] {
        for (bool last = false; !last;) {
            last = is_over.load();
            while (session.self.drain(session.sink, 300) != 0) {
            }
        }
    });
    for (std::thread& writer : writers) writer.join();
    is_over.store(true);
    drain.join();
    REQUIRE(session.sink.values.size() == kEvents);
    for (Word value = 0; value < kEvents; ++value) REQUIRE(session.sink.values[value] == value);
}

TEST(ordered_events_keep_to_the_memory_cap_and_those_left_out_are_counted_and_told) {
    constexpr std::uint64_t kThreads = 4, kEvents = 50'000;
    Session session;
    session.self.pool().set_limit_bytes(kMegabyte);
    session.self.policy().set_full(FullPolicy::Skip);
    std::vector<ThreadBuffer*> buffers;
    for (std::uint64_t thread = 1; thread <= kThreads; ++thread) buffers.push_back(&session.thread(thread));
    for (Word value = 0; value < kEvents; ++value) {
        for (ThreadBuffer* const buffer : buffers) write(*buffer, value);
    }
    CHECK(session.self.pool().used_bytes() <= kMegabyte);
    const std::uint64_t lost = session.self.policy().lost(Lost::Event);
    CHECK(lost > 0);
    session.read_all();
    CHECK(session.sink.values.size() + lost == kThreads * kEvents);
    REQUIRE(session.sink.notices.size() == 1);
    CHECK(session.sink.notices[0].find(std::to_string(lost) + " events") != std::string::npos);
}

TEST(ordered_event_that_ends_something_recorded_goes_past_the_limit) {
    Session session;
    session.self.policy().set_full(FullPolicy::Skip);
    session.self.pool().set_limit_bytes(0);
    ThreadBuffer& buffer = session.thread(1);
    write(buffer, 1);
    write(buffer, 2, true);
    const Word third = 3;
    session.self.write_ordered(buffer.id(), {&third, 1}, true);
    session.read_all();
    CHECK((session.sink.values == std::vector<Word>{2, 3}));
    CHECK(session.self.policy().lost(Lost::Event) == 1);
}

TEST(ordered_events_of_a_thread_that_is_gone_arrive_and_so_do_long_ones) {
    Session session;
    ThreadBuffer& buffer = session.thread(1);
    const base::ThreadId id = buffer.id();
    const std::vector<Word> large(10'000, 5);
    buffer.write_ordered(large, false);
    write(buffer, 6);
    session.self.thread_exits(buffer);
    session.read_all();
    CHECK((session.sink.values == std::vector<Word>{5, 6}) && session.sink.words == 10'001);
    CHECK((session.sink.threads == std::vector<base::ThreadId>{id, id}));
    session.read_all();
    CHECK(session.self.pool().used_bytes() == 0);  // the buffer went, with all it had
}

TEST(drain_that_may_take_little_takes_the_earliest_ordered_events) {
    Session session;
    ThreadBuffer& one = session.thread(1);
    ThreadBuffer& other = session.thread(2);
    for (Word value = 0; value < 100; ++value) write(value % 3 == 0 ? one : other, value);
    session.self.frame_mark(events::FrameMarkKind::Continuous, base::StringId::None);
    session.self.drain(session.sink, 60);  // half of it for these
    CHECK(session.sink.values.size() == 10);
    session.read_all();
    REQUIRE(session.sink.values.size() == 100 && session.sink.marks == 1);
    for (Word value = 0; value < 100; ++value) CHECK(session.sink.values[value] == value);
}

TEST(new_session_knows_no_ordered_events_of_the_one_before) {
    Session session;
    write(session.thread(1), 1);
    session.self.stop();
    session.self.start();
    write(session.thread(1), 2);
    session.read_all();
    CHECK((session.sink.values == std::vector<Word>{2}));
}

}  // namespace tracypy::native_tests
