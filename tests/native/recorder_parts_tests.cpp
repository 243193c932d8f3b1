// What the recorder is made of, each part alone: the queue, the stack of open zones, the policy, the drain.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "events/null_sink.hpp"
#include "events/thread_walk.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::native_tests {
namespace {

using events::Word;
using recorder::ChunkPool;
using recorder::DropPolicy;
using recorder::EventQueue;
using recorder::FullPolicy;
using recorder::Lost;
using recorder::OpenZone;
using recorder::ParkedZones;
using recorder::Recorder;
using recorder::ThreadBuffer;
using recorder::ZoneKey;
using recorder::ZoneStack;

constexpr base::SourceLocationId kSomewhere{7};
constexpr std::size_t kNoLimit = std::size_t{1} << 40;

/// All that is unread, and then nothing.
std::vector<Word> read_all(EventQueue& queue) {
    std::vector<Word> words;
    for (;;) {
        const EventQueue::Unread unread = queue.unread();
        if (unread.first == unread.last) return words;
        words.insert(words.end(), unread.first, unread.last);
        queue.consumed(unread.last);
    }
}

/// Counts begins and ends, and checks that they are nested.
class Counter final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        ++batches;
        threads.push_back(batch.thread);
        Visitor visitor{this};
        walks_.try_emplace(batch.thread, base::SteadyClock(0)).first->second.walk(batch.words, visitor);
    }

    int batches = 0;
    std::vector<base::ThreadId> threads;
    std::vector<Word> begun;  // where
    std::size_t ended = 0;

private:
    struct Visitor {
        void on(const events::ZoneBegin& zone) { counter->begun.push_back(static_cast<Word>(zone.location)); }
        void on(const events::ZoneEnd&) { ++counter->ended; }
        template <events::ThreadEvent Event>
        void on(const Event&) {}
        void dropped() { CHECK(!"what arrives is whole and nested"); }

        Counter* counter;
    };
    std::map<base::ThreadId, events::SteadyWalk> walks_;
};

}  // namespace

// --- the queue ---

TEST(queue_hands_on_each_word_once_and_in_order) {
    ChunkPool pool;
    pool.set_limit_bytes(kNoLimit);
    EventQueue queue(pool);
    constexpr std::uint32_t kEvents = 200'000;
    std::atomic<bool> done{false};
    std::vector<Word> written;
    std::thread writer([&] {
        for (std::uint32_t i = 0; i < kEvents; ++i) {
            if (!queue.ensure_room(events::kBeginWords, false)) break;
            if (i % 3 == 0) {
                const events::ZoneEnd end{i};
                queue.write(end);
                events::append(written, end);
            } else {
                const events::ZoneBegin begin{i, base::SourceLocationId{i}};
                queue.write(begin);
                events::append(written, begin);
            }
        }
        done.store(true);
    });
    std::vector<Word> words;
    for (bool last = false; !last;) {
        last = done.load();
        const std::vector<Word> more = read_all(queue);
        words.insert(words.end(), more.begin(), more.end());
    }
    writer.join();
    CHECK(words.size() > kEvents && words == written);
}

TEST(queue_is_open_only_with_room_and_when_nobody_has_closed_it) {
    ChunkPool pool;
    EventQueue queue(pool);
    CHECK(!queue.is_open());
    queue.open();
    CHECK(!queue.is_open());
    CHECK(queue.ensure_room(2, false));
    queue.open();
    CHECK(queue.is_open());
    std::size_t words = 0;
    for (; queue.is_open(); words += events::kBeginWords) queue.write(events::ZoneBegin{1, kSomewhere});
    CHECK(words + events::kBeginWords > recorder::kFirstChunkWords && words <= recorder::kFirstChunkWords);
    CHECK(queue.ensure_room(2, false));
    queue.open();
    std::thread([&] { queue.close(); }).join();
    CHECK(!queue.is_open());
    CHECK(read_all(queue).size() == words);
}

TEST(queue_keeps_to_the_limit_but_for_what_may_go_beyond) {
    ChunkPool pool;
    pool.set_limit_bytes(recorder::kFirstChunkBytes);
    EventQueue queue(pool);
    CHECK(queue.ensure_room(recorder::kFirstChunkWords, false));
    queue.publish(queue.position() + recorder::kFirstChunkWords);
    CHECK(!queue.ensure_room(1, false));
    CHECK(queue.ensure_room(1, true));
    CHECK(pool.used_bytes() > recorder::kFirstChunkBytes);
    queue.clear();
    CHECK(pool.used_bytes() == 0);
    CHECK(queue.position() == nullptr && read_all(queue).empty());
    CHECK(queue.ensure_room(1, false));  // as new
}

TEST(queue_that_shrinks_gives_its_large_chunk_back_once_that_is_read) {
    ChunkPool pool;
    EventQueue queue(pool);
    CHECK(queue.ensure_room(recorder::kChunkWords, false));
    std::vector<Word> written;
    for (const base::Ticks tick : {1, 2}) {
        queue.write(events::ZoneEnd{tick});
        events::append(written, events::ZoneEnd{tick});
        if (tick == 1) queue.shrink();
    }
    CHECK(pool.used_bytes() > recorder::kChunkBytes);
    CHECK(read_all(queue) == written);
    CHECK(pool.used_bytes() == recorder::kFirstChunkBytes);
}

// --- the stack ---

TEST(stack_finds_the_innermost_zone_of_a_key_and_nothing_when_empty) {
    ZoneStack stack(ZoneStack::kNoDepth);
    CHECK(stack.depth() == 0 && stack.find(0) == ZoneStack::kNowhere && stack.innermost().key != ZoneKey{64});
    for (const ZoneKey key : {64, 128, 64}) stack.push({key, kSomewhere});
    CHECK(stack.find(64) == 2 && stack.find(128) == 1 && stack.find(192) == ZoneStack::kNowhere);
    stack.innermost().key |= recorder::kWatched;
    CHECK(stack.find(64) == 2);
    stack.pop();
    CHECK(stack.find(64) == 0);
}

TEST(stack_grows_and_keeps_what_it_has) {
    ZoneStack stack(ZoneStack::kNoDepth);
    constexpr std::size_t kZones = 10'000;
    for (std::size_t i = 0; i < kZones; ++i) {
        if (stack.is_full()) REQUIRE(stack.make_place());
        stack.push({(i + 1) * 8, static_cast<base::SourceLocationId>(i)});
    }
    REQUIRE(stack.depth() == kZones);
    for (std::size_t i = 0; i < kZones; ++i) {
        CHECK(stack[i].key == (i + 1) * 8 && stack[i].location() == static_cast<base::SourceLocationId>(i));
    }
    for (std::size_t i = kZones; i < ZoneStack::kMostOpen; ++i) {
        if (stack.is_full()) REQUIRE(stack.make_place());
        stack.push({8, kSomewhere});
    }
    CHECK(stack.is_full() && !stack.make_place());
}

TEST(stack_is_full_where_nothing_deeper_is_recorded) {
    ZoneStack stack(3);
    for (ZoneKey key = 8; !stack.is_full(); key += 8) stack.push({key, kSomewhere});
    CHECK(stack.depth() == 3 && stack.is_deep() && !stack.is_muted());
    CHECK(stack.make_place());  // followed all the same
    stack.push({80, kSomewhere});
    CHECK(stack.is_muted());
    stack.set_max_depth(ZoneStack::kNoDepth);
    CHECK(!stack.is_full() && !stack.is_muted());
}

TEST(stack_knows_which_zones_are_not_in_the_trace) {
    ZoneStack stack(ZoneStack::kNoDepth);
    for (int i = 0; i < 5; ++i) stack.push({8, kSomewhere});
    stack.limit_skipped(2);
    CHECK(!stack.is_skipping());
    stack.skip_from(3);
    stack.limit_skipped(4);
    CHECK(stack.is_skipping() && stack.skipped_from() == 3);
    stack.limit_skipped(1);
    CHECK(stack.skipped_from() == 1);
    stack.add_unfollowed();
    stack.clear();
    CHECK(!stack.is_skipping() && !stack.has_unfollowed() && stack.depth() == 0);
}

// --- the policy ---

TEST(policy_counts_each_kind_of_loss_apart) {
    ChunkPool pool;
    const std::atomic<std::uint64_t> epoch{1};
    DropPolicy policy(pool, epoch);
    policy.count(Lost::Zone);
    policy.count(Lost::Zone, 4);
    policy.count(Lost::Mark);
    CHECK(policy.lost(Lost::Zone) == 5 && policy.lost(Lost::Mark) == 1);
    CHECK(policy.lost(Lost::Markup) == 0 && policy.lost(Lost::Deep) == 0);
}

/// A full pool, and somebody who waits for room in it.
struct Waiting {
    Waiting() {
        pool.set_limit_bytes(recorder::kChunkBytes);
        chunk = pool.acquire(recorder::kChunkWords, false);
        policy.set_blocking([](void (*until_room)(DropPolicy&), DropPolicy& self) {
            is_waiting.store(true);
            until_room(self);
        });
    }
    ~Waiting() {
        if (chunk != nullptr) pool.release(chunk);
    }
    /// What wait_for_room says, once `then` has been done meanwhile.
    template <typename Then>
    bool wait(const Then& then) {
        is_waiting.store(false);
        bool has_room = false;
        std::thread waits([&] { has_room = policy.wait_for_room(); });
        while (!is_waiting.load()) std::this_thread::yield();
        then();
        waits.join();
        return has_room;
    }

    static inline std::atomic<bool> is_waiting{false};
    ChunkPool pool;
    std::atomic<std::uint64_t> epoch{1};
    DropPolicy policy{pool, epoch};
    recorder::Chunk* chunk = nullptr;
};

TEST(policy_waits_until_the_drain_has_made_room) {
    Waiting full;
    CHECK(full.wait([&] {
        full.pool.release(std::exchange(full.chunk, nullptr));
        full.policy.progressed(1);
    }));
}

TEST(policy_stops_waiting_when_the_session_ends) {
    Waiting full;
    full.wait([&] {
        full.epoch.store(0);
        full.policy.wake();
    });
    CHECK(!full.pool.has_room());
}

TEST(policy_that_skips_never_waits) {
    Waiting full;
    full.policy.set_full(FullPolicy::Skip);
    Waiting::is_waiting.store(false);
    CHECK(!full.policy.wait_for_room() && !Waiting::is_waiting.load());
}

TEST(policy_waits_no_more_for_a_sink_that_takes_nothing_until_that_has_taken_something) {
    Waiting full;
    CHECK(!full.wait([] {}));  // after kStallSeconds
    Waiting::is_waiting.store(false);
    CHECK(!full.policy.wait_for_room() && !Waiting::is_waiting.load());
    full.policy.progressed(1);
    CHECK(full.wait([&] { full.pool.release(std::exchange(full.chunk, nullptr)); }));
}

// --- the drain, and several recorders ---

ThreadBuffer& buffer_of(Recorder& recorder, std::uint64_t number) {
    ThreadBuffer& buffer = *recorder.find_or_create(number, true);
    buffer.reset(recorder.epoch());
    return buffer;
}

TEST(recorders_of_one_process_know_nothing_of_each_other) {
    Recorder first(base::names()), second(base::names());
    first.start();
    CHECK(first.epoch() != 0 && second.epoch() == 0);
    second.start();
    ThreadBuffer& one = buffer_of(first, 1);
    ThreadBuffer& other = buffer_of(second, 1);
    one.begin(64, kSomewhere);
    other.begin(64, kSomewhere);
    other.end(64);
    first.stop();
    CHECK(second.epoch() != 0);
    Counter of_first, of_second;
    first.drain(of_first, 1000);
    second.drain(of_second, 1000);
    CHECK(of_first.begun.size() == 1 && of_first.ended == 0);
    CHECK(of_second.begun.size() == 1 && of_second.ended == 1);
}

TEST(drain_stops_at_the_first_thread_with_enough_and_lets_no_thread_starve) {
    Recorder recorder(base::names());
    recorder.start();
    std::vector<ThreadBuffer*> buffers;
    for (std::uint64_t number = 1; number <= 4; ++number) buffers.push_back(&buffer_of(recorder, number));
    const auto call = [&] {
        for (ThreadBuffer* const buffer : buffers) {
            buffer->begin(64, kSomewhere);
            buffer->end(64);
        }
    };
    Counter counter;
    for (int round = 0; round < 8; ++round) {
        call();
        recorder.drain(counter, 3);
        CHECK(counter.batches == round + 1);
    }
    for (ThreadBuffer* const buffer : buffers) {
        CHECK(std::count(counter.threads.begin(), counter.threads.end(), buffer->id()) >= 1);
    }
    while (recorder.drain(counter, 1000) != 0) {
    }
    CHECK(counter.begun.size() == 32 && counter.ended == 32);
    recorder.stop();
}

TEST(zones_that_are_open_begin_or_end_in_the_trace_when_another_depth_is_recorded) {
    Recorder recorder(base::names());
    recorder.start();
    ThreadBuffer& buffer = buffer_of(recorder, 1);
    Counter counter;
    const auto seen = [&] {
        recorder.drain(counter, 1000);
        return std::pair(counter.begun.size(), counter.ended);
    };
    recorder.set_max_depth(2);
    for (ZoneKey key = 8; key <= 32; key += 8) buffer.begin(key, kSomewhere);
    CHECK(seen() == std::pair(std::size_t{2}, std::size_t{0}));
    recorder.set_max_depth(3);
    CHECK(seen() == std::pair(std::size_t{3}, std::size_t{0}));
    recorder.set_max_depth(1);
    CHECK(seen() == std::pair(std::size_t{3}, std::size_t{2}));
    recorder.set_max_depth(ZoneStack::kNoDepth);
    CHECK(seen() == std::pair(std::size_t{6}, std::size_t{2}));
    for (ZoneKey key = 32; key != 0; key -= 8) CHECK(buffer.end(key));
    CHECK(seen() == std::pair(std::size_t{6}, std::size_t{6}));
    CHECK(recorder.dropped_zones() == 0);
    recorder.stop();
}

TEST(zones_without_room_keep_their_place_when_another_depth_is_recorded) {
    Recorder recorder(base::names());
    recorder.policy().set_full(FullPolicy::Skip);
    recorder.start();
    ThreadBuffer& buffer = buffer_of(recorder, 1);
    Counter counter;
    for (ZoneKey key = 8; key <= 40; key += 8) buffer.begin(key, kSomewhere);
    recorder.pool().set_limit_bytes(0);
    while (buffer.depth() < 200) buffer.begin(8, kSomewhere);  // there is no room for the last ones
    recorder.set_max_depth(3);
    for (int i = 0; i < 197; ++i) buffer.end(buffer.open_zone(buffer.depth() - 1).key);
    buffer.begin(64, kSomewhere);
    recorder.set_max_depth(ZoneStack::kNoDepth);
    buffer.end(64);
    while (recorder.drain(counter, 1000) != 0) {
    }
    CHECK(counter.begun.size() == counter.ended + 3);
    for (ZoneKey key = 24; key != 0; key -= 8) CHECK(buffer.end(key));
    while (recorder.drain(counter, 1000) != 0) {
    }
    CHECK(counter.begun.size() == counter.ended);
    recorder.stop();
}

TEST(two_fibers_share_a_queue_and_have_their_own_zones) {
    Recorder recorder(base::names());
    recorder.start();
    ThreadBuffer& buffer = buffer_of(recorder, 1);
    buffer.begin(64, base::SourceLocationId{1});
    CHECK(buffer.begin_fiber(8, "task") != nullptr);
    CHECK(buffer.depth() == 0 && !buffer.end(64));
    buffer.begin(128, base::SourceLocationId{2});
    buffer.suspend_fiber();
    CHECK(buffer.depth() == 1 && !buffer.end(128));
    CHECK(buffer.end(64));
    CHECK(buffer.resume_fiber(8));
    CHECK(buffer.end(128) && buffer.depth() == 0);
    Counter counter;
    recorder.drain(counter, 1000);
    CHECK((counter.begun == std::vector<Word>{1, 2}) && counter.ended == 2);
    recorder.stop();
}

}  // namespace tracypy::native_tests
