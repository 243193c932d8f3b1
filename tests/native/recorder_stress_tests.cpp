// All at once: threads that call, mark up, and come and go; a drain; sessions that begin and end. Under ThreadSanitizer
// (make native SANITIZE=thread) it shows that every shared thing has a lock or a memory order; anywhere, that what a
// session's sink gets is whole and nested, and its marks in order.
#include <atomic>
#include <cstdint>
#include <map>
#include <random>
#include <shared_mutex>
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

using events::FrameMark;
using events::FrameMarkKind;
using events::Kind;
using recorder::DropPolicy;
using recorder::Recorder;
using recorder::Remark;
using recorder::Remarks;
using recorder::ThreadBuffer;
using recorder::ZoneKey;

// What the interpreter is in a real program: handlers run while they share it, sessions begin and end while nobody
// does.
std::shared_mutex g_world;

void stop_world(void (*work)(void*), void* argument) noexcept {
    g_world.unlock_shared();
    {
        const std::unique_lock stopped(g_world);
        work(argument);
    }
    g_world.lock_shared();
}

void wait_outside(void (*wait)(DropPolicy&), DropPolicy& policy) {
    g_world.unlock_shared();
    wait(policy);
    g_world.lock_shared();
}

/// Takes all of one session. The drain's thread.
class Sink final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{this};
        walks_.try_emplace(batch.thread, base::SteadyClock(0)).first->second.walk(batch.words, visitor);
    }
    void take(std::span<const FrameMark> more) override {
        for (const FrameMark& mark : more) {
            if (mark.ticks < last_mark_) fail("a mark is before the one before");
            last_mark_ = mark.ticks;
            ++marks;
        }
    }
    void ordered_events(std::span<const events::OrderedEvent> more) override {
        for (const events::OrderedEvent& event : more) {
            if (event.tick < last_ordered_) fail("an ordered event is before the one before");
            last_ordered_ = event.tick;
            ++ordered;
        }
    }
    const std::string& problem() const { return problem_; }

    std::uint64_t zones = 0;
    std::uint64_t marks = 0;
    std::uint64_t ordered = 0;

private:
    void fail(const char* what) {
        if (problem_.empty()) problem_ = what;
    }
    struct Visitor {
        void on(const events::ZoneBegin&) { ++sink->zones; }
        template <events::ThreadEvent Event>
        void on(const Event&) {}
        void dropped() { sink->fail("an event is cut, or belongs to no zone"); }

        Sink* sink;
    };
    std::map<base::ThreadId, events::SteadyWalk> walks_;
    base::Ticks last_mark_ = 0;
    base::Ticks last_ordered_ = 0;
    std::string problem_;
};

struct Shared {
    Shared() {
        self.pool().set_limit_bytes(std::size_t{256} * 1024);  // so that everybody has to wait now and then
        self.policy().set_blocking(wait_outside);
        self.set_stop_world(stop_world);
        self.set_is_coroutine([](ZoneKey key) { return key == 0x10000; });
    }
    Recorder self{base::names()};
    std::atomic<bool> over{false};
    std::atomic<std::uint64_t> steps{0};
    std::atomic<std::uint64_t> next_number{1'000};
    std::atomic<const ThreadBuffer*> somebody{nullptr};  // who may be gone
    std::atomic<ZoneKey> zone_of_somebody{0};
};

/// One thread's life.
class Worker {
public:
    /// `own_number`: of which there is no other thread just now; the system uses numbers again.
    Worker(Shared& shared, unsigned seed, std::uint64_t own_number)
        : shared_(shared), random_(seed), number_(random_() % 4 == 0 ? own_number : shared.next_number.fetch_add(1)) {}

    void live() {
        const std::size_t steps = random_() % 5'000;
        for (std::size_t i = 0; i < steps && !shared_.over.load(); ++i) {
            const std::shared_lock handler(g_world);
            if (is_ready()) step();
            shared_.steps.fetch_add(1, std::memory_order_relaxed);
        }
        const std::shared_lock handler(g_world);
        if (buffer_ != nullptr) shared_.self.thread_exits(*buffer_);
    }

private:
    // As every handler does first.
    bool is_ready() {
        const std::uint64_t epoch = shared_.self.epoch();
        if (epoch == 0) return false;
        if (buffer_ == nullptr) buffer_ = shared_.self.find_or_create(number_, true);
        const std::uint64_t mine = buffer_->epoch.load(std::memory_order_relaxed);
        if (mine != epoch && mine != ThreadBuffer::kLookUp) buffer_->reset(epoch);
        if (mine == ThreadBuffer::kLookUp) base::names().threads.set(buffer_->id(), "worker");
        buffer_->epoch.store(epoch, std::memory_order_relaxed);
        return true;
    }

    void step() {
        switch (random_() % 16) {
            case 0:
                return shared_.self.frame_mark(FrameMarkKind::Continuous, base::StringId::None);
            case 1:
                return shared_.self.frame_mark(FrameMarkKind::Start, base::StringId{random_() % 3 + 1});
            case 2:
                return shared_.self.frame_mark(FrameMarkKind::End, base::StringId{random_() % 3 + 1});
            case 3:
                return open();
            case 4:
                return close();
            case 5:
                return tell_somebody();
            case 6:
                return use_row();
            case 7:
                if (!calls_.empty() && buffer_->is_innermost(calls_.back()))
                    buffer_->write({Kind::ZoneText, 0, "a text of some length"});
                return;
            case 8:
                return write_ordered();
            default:
                return random_() % 2 == 0 ? enter() : leave();
        }
    }
    void write_ordered() {
        const events::Word event[] = {random_(), 2, 3};
        if (random_() % 4 == 0) return shared_.self.write_ordered(buffer_->id(), event, false);
        buffer_->write_ordered(event, random_() % 8 == 0);
    }
    void enter() {
        calls_.push_back(0x10000 + (random_() % 4) * 64);
        buffer_->begin(calls_.back(), kSomewhere);
    }
    void leave() {
        if (calls_.empty()) return;
        buffer_->end(calls_.back());
        calls_.pop_back();
    }
    void open() {
        zone_ = buffer_->new_token();
        buffer_->begin_to_outlast({zone_, kSomewhere});
        shared_.zone_of_somebody.store(zone_);
        shared_.somebody.store(buffer_);
    }
    void close() { buffer_->end_by_hand(zone_, base::now_ticks(), {{Kind::ZoneValue, 7, {}}}); }
    void tell_somebody() {
        const ThreadBuffer* const to = shared_.somebody.load();
        const ZoneKey key = shared_.zone_of_somebody.load();
        if (to != nullptr)
            shared_.self.post(to, key, random_() % 2 == 0, base::now_ticks(), {{Kind::ZoneValue, 8, {}}});
    }
    void use_row() {
        recorder::ZoneRows& rows = shared_.self.rows();
        if (row_ == 0) {
            row_ = rows.begin(buffer_->id(), base::now_ticks(), kSomewhere);
        } else {
            rows.end(row_, base::now_ticks(), {});
            row_ = 0;
        }
    }

    static constexpr base::SourceLocationId kSomewhere = base::SourceLocationId::Other;
    Shared& shared_;
    std::mt19937 random_;
    std::uint64_t number_;
    ThreadBuffer* buffer_ = nullptr;
    std::vector<ZoneKey> calls_;
    ZoneKey zone_ = 0;
    ZoneKey row_ = 0;
};

/// From its start to its end, with a drain of its own.
void run_session(Shared& shared, std::uint64_t steps, Sink& sink) {
    {
        const std::unique_lock stopped(g_world);
        shared.self.start();
    }
    std::atomic<bool> is_over{false};
    std::thread drain([&] {
        for (bool last = false; !last;) {
            last = is_over.load();
            while (shared.self.drain(sink, 1'000) != 0) {
            }
            std::this_thread::yield();
        }
    });
    const std::uint64_t until = shared.steps.load() + steps;
    for (int round = 1; shared.steps.load() < until; ++round) {
        std::this_thread::yield();
        if (round % 64 != 0) continue;
        const std::unique_lock stopped(g_world);
        shared.self.set_max_depth(round % 128 == 0 ? 4 : recorder::ZoneStack::kNoDepth);
        shared.self.for_each([](ThreadBuffer& buffer) { buffer.end_calls(base::now_ticks()); });
        shared.self.advance();
    }
    {
        const std::unique_lock stopped(g_world);
        shared.self.finish();
        shared.self.stop();
    }
    is_over.store(true);
    drain.join();
}

}  // namespace

TEST(sessions_come_and_go_while_threads_do) {
    constexpr unsigned kWriters = 4;
    constexpr int kSessions = 12;
    Shared shared;
    std::vector<std::thread> writers;
    for (unsigned writer = 0; writer < kWriters; ++writer) {
        writers.emplace_back([&shared, writer] {
            for (unsigned life = 0; !shared.over.load(); ++life) {
                std::thread([&] { Worker(shared, writer * 1'000 + life, writer + 1).live(); }).join();
            }
        });
    }
    std::uint64_t zones = 0, marks = 0, ordered = 0;
    for (int session = 0; session < kSessions; ++session) {
        Sink sink;
        run_session(shared, 20'000, sink);
        CHECK(sink.problem().empty());
        if (!sink.problem().empty()) std::fprintf(stderr, "session %d: %s\n", session, sink.problem().c_str());
        zones += sink.zones;
        marks += sink.marks;
        ordered += sink.ordered;
    }
    shared.over.store(true);
    for (std::thread& writer : writers) writer.join();
    CHECK(zones > 10'000 && marks > 10'000 && ordered > 1'000);
    shared.self.forget_threads();
    CHECK(shared.self.pool().used_bytes() == 0);
}

}  // namespace tracypy::native_tests
