// Zones by hand, opened and ended in any order among calls, while a drain reads: what arrives is nested, the calls are
// where they were, and each zone is there with what was said about it.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/continued.hpp"
#include "base/names.hpp"
#include "check.hpp"
#include "events/null_sink.hpp"
#include "events/thread_walk.hpp"
#include "recorder/recorder.hpp"

namespace tracypy::native_tests {
namespace {

using base::SourceLocationId;
using base::Ticks;
using events::Kind;
using recorder::DropPolicy;
using recorder::Recorder;
using recorder::Remark;
using recorder::Remarks;
using recorder::ThreadBuffer;
using recorder::ZoneKey;

SourceLocationId location_of(const std::string& name) {
    base::SourceLocation location;
    location.name = base::names().strings.intern(name);
    location.function = base::names().strings.intern("opens it");
    return base::names().locations.intern(location);
}

/// What a sink is told of one thread, checked as it comes.
class Row {
public:
    void take(const events::ThreadBatch& batch) {
        Visitor visitor{this};
        walk_.walk(batch.words, visitor);
    }

    const std::string& calls() const { return calls_; }
    bool is_closed() const { return open_.empty(); }
    const std::map<SourceLocationId, int>& begun() const { return begun_; }
    const std::map<std::pair<SourceLocationId, std::uint64_t>, int>& said() const { return said_; }
    int others() const { return others_; }

private:
    /// Of a clock that leaves times alone, so that it shows if they go back.
    struct Readings {
        Ticks begin(Ticks reading) { return last_ = reading; }
        Ticks end(Ticks reading) { return last_ = reading; }
        Ticks moment(Ticks reading) { return last_ = reading; }
        Ticks last() const { return last_; }
        Ticks last_ = 0;
    };
    struct Visitor {
        void on(const events::ZoneBegin& zone) {
            row->happened(zone.tick);
            row->begin(zone.location);
        }
        void on(const events::ZoneEnd& zone) {
            row->happened(zone.tick);
            row->end();
        }
        void on(const events::ZoneValue& value) { ++row->said_[{whole(row->open_.back()), value.value}]; }
        template <events::ThreadEvent Event>
        void on(const Event&) {
            ++row->others_;
        }
        void dropped() { CHECK(!"what has no open zone is not written"); }

        Row* row;
    };

    void happened(Ticks tick) {
        CHECK(tick >= last_tick_);
        last_tick_ = tick;
    }
    void end() {
        if (open_.back() == call_) calls_ += ')';
        open_.pop_back();
    }
    void begin(SourceLocationId location) {
        if (location == call_) calls_ += '(';
        if (!is_part(location)) ++begun_[location];
        open_.push_back(location);
    }
    static bool is_part(SourceLocationId location) {
        return base::is_continued(base::names().strings.find(base::names().locations.find(location)->function).text);
    }
    static SourceLocationId whole(SourceLocationId location) {
        return location_of(std::string(base::names().strings.find(base::names().locations.find(location)->name).text));
    }

    const SourceLocationId call_ = location_of("call");
    std::vector<SourceLocationId> open_;
    std::string calls_;
    std::map<SourceLocationId, int> begun_;
    std::map<std::pair<SourceLocationId, std::uint64_t>, int> said_;
    events::ThreadWalk<Readings> walk_{Readings{}};
    Ticks last_tick_ = 0;
    int others_ = 0;
};

class Sink final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override { rows[batch.thread].take(batch); }
    std::map<base::ThreadId, Row> rows;
};

/// A session with a drain, from its beginning to the end of this.
class Session {
public:
    Session() {
        self.start();
        drain_ = std::thread([this] {
            while (!stop_.load()) {
                if (self.drain(sink, 1u << 16) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
            while (self.drain(sink, 1u << 16) != 0) {
            }
        });
    }
    void end() {
        self.finish();
        self.stop();
        stop_.store(true);
        drain_.join();
    }
    Sink sink;
    Recorder self{base::names()};

private:
    std::atomic<bool> stop_{false};
    std::thread drain_;
};

/// A thread that makes calls, and opens and ends zones, by chance.
class Program {
public:
    Program(Recorder& recorder, ThreadBuffer& buffer, unsigned seed)
        : recorder_(recorder), buffer_(buffer), random_(seed) {}

    void run(int steps) {
        for (int i = 0; i < steps; ++i) step();
        while (!stack_.empty()) leave();
    }

    std::string calls;
    int zones = 0;
    std::map<std::pair<SourceLocationId, std::uint64_t>, int> said;

private:
    struct Zone {
        ZoneKey key;
        SourceLocationId location;
    };

    void step() {
        switch (random_() % 8) {
            case 0:
            case 1:
            case 2:
                return enter();
            case 3:
            case 4:
                if (!stack_.empty()) leave();
                return;
            case 5:
                return open();
            case 6:
                return close();
            default:
                // Long enough for the drain to write what is pending.
                if (random_() % 2000 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(120));
        }
    }
    void enter() {
        stack_.push_back(0x10000 + (random_() % 4) * 16);
        buffer_.begin(stack_.back(), call_);
        calls += '(';
    }
    void leave() {
        const ZoneKey key = stack_.back();
        stack_.pop_back();
        CHECK(buffer_.end(key));
        calls += ')';
    }
    void open() {
        if (open_.size() > 20) return;
        const SourceLocationId location = location_of("zone " + std::to_string(++zones));
        open_.push_back({buffer_.new_token(), location});
        if (random_() % 2 == 0) {
            buffer_.begin(open_.back().key, location);
        } else {
            buffer_.begin_to_outlast({open_.back().key, location});
        }
    }
    // By this thread, or as if by another one; where it ends twice, nothing may come of it.
    void close() {
        if (open_.empty()) return;
        const std::size_t index = random_() % open_.size();
        const Zone zone = open_[index];
        open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
        Remarks remarks;
        if (random_() % 2 == 0) {
            remarks.push_back({Kind::ZoneValue, random_() % 100, {}});
            ++said[{zone.location, remarks[0].number}];
        }
        if (random_() % 4 == 0) {
            recorder_.post(&buffer_, zone.key, true, base::now_ticks(), std::move(remarks));
        } else if (!remarks.empty() || !buffer_.try_end(zone.key, base::now_ticks())) {
            buffer_.end_by_hand(zone.key, base::now_ticks(), std::move(remarks));
        }
        if (random_() % 4 == 0) buffer_.end_by_hand(zone.key, base::now_ticks(), {});
    }

    Recorder& recorder_;
    ThreadBuffer& buffer_;
    std::mt19937 random_;
    const SourceLocationId call_ = location_of("call");
    std::vector<ZoneKey> stack_;
    std::vector<Zone> open_;
};

void check_program(const Program& program, const Row& row) {
    CHECK(row.is_closed());
    CHECK(row.calls() == program.calls);
    for (const auto& [location, count] : row.begun()) CHECK(count == 1 || location == location_of("call"));
    CHECK(row.said() == program.said);
}

}  // namespace

TEST(zones_by_hand_among_calls) {
    for (unsigned seed = 0; seed < 8; ++seed) {
        Session session;
        std::vector<Program> programs;
        std::vector<base::ThreadId> ids;
        programs.reserve(2);
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < 2; ++i) {
            ThreadBuffer* const buffer = session.self.find_or_create(1000 + 2 * seed + i, true);
            buffer->looked_up(session.self.epoch());  // not reset(): the drain runs
            ids.push_back(buffer->id());
            programs.emplace_back(session.self, *buffer, 2 * seed + i);
            threads.emplace_back([&session, buffer, program = &programs.back()] {
                program->run(20'000);
                session.self.thread_exits(*buffer);
            });
        }
        for (std::thread& thread : threads) thread.join();
        session.end();
        for (unsigned i = 0; i < 2; ++i) check_program(programs[i], session.sink.rows[ids[i]]);
    }
}

TEST(zones_on_rows_from_many_threads) {
    Session session;
    const SourceLocationId location = location_of("on a row");
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < 3; ++i) {
        threads.emplace_back([&session, location, i] {
            recorder::ZoneRows& rows = session.self.rows();
            const auto owner = static_cast<base::ThreadId>(i % 2 + 1);
            std::mt19937 random(i);
            std::vector<ZoneKey> open;
            for (int step = 0; step < 3000; ++step) {
                if (open.size() < 10 && random() % 2 == 0) {
                    open.push_back(rows.begin(owner, base::now_ticks(), location));
                    CHECK(open.back() != 0);
                    rows.remark(open.back(), {Kind::ZoneValue, 1, {}});
                } else if (!open.empty()) {
                    const std::size_t index = random() % open.size();
                    rows.end(open[index], base::now_ticks(), {});
                    rows.end(open[index], base::now_ticks(), {});  // nothing more
                    open.erase(open.begin() + static_cast<std::ptrdiff_t>(index));
                }
            }
            for (const ZoneKey key : open) rows.end(key, base::now_ticks(), {});
        });
    }
    for (std::thread& thread : threads) thread.join();
    session.end();
    CHECK(session.sink.rows.size() <= 30);
    int begun = 0;
    int said = 0;
    for (const auto& [id, row] : session.sink.rows) {
        CHECK(row.is_closed());
        for (const auto& [where, count] : row.begun()) begun += count;
        for (const auto& [what, count] : row.said()) said += count;
    }
    CHECK(begun == said);
    CHECK(begun > 3000);
}

TEST(session_that_ends_while_a_text_waits_for_room_loses_nothing) {
    Recorder recorder(base::names());
    static std::atomic<bool> is_waiting;
    is_waiting = false;
    recorder.pool().set_limit_bytes(std::size_t{128} * 1024);
    recorder.policy().set_blocking([](void (*wait)(DropPolicy&), DropPolicy& self) {
        is_waiting = true;
        wait(self);
    });
    recorder.start();
    ThreadBuffer* const buffer = recorder.find_or_create(99, true);
    buffer->reset(recorder.epoch());
    buffer->begin(buffer->new_token(), location_of("zone"));
    std::thread writer([buffer] {
        const Remark text{Kind::ZoneText, 0, std::string(1000, 'x')};
        while (!is_waiting) buffer->write(text);
    });
    while (!is_waiting) std::this_thread::yield();
    recorder.stop();
    writer.join();
    Sink sink;
    while (recorder.drain(sink, 1u << 16) != 0) {
    }
    CHECK(!sink.rows.contains(base::kNoticeThread));
    CHECK(sink.rows[buffer->id()].others() > 10);
}

}  // namespace tracypy::native_tests
