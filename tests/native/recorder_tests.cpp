// The recorder alone: many threads, many marks, little memory. Threads that are none, as it knows them by numbers.
#include "recorder/recorder.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/names.hpp"
#include "check.hpp"
#include "events/null_sink.hpp"
#include "events/thread_walk.hpp"

namespace tracypy::native_tests {
namespace {

using events::FrameMark;
using events::FrameMarkKind;
using recorder::FullPolicy;
using recorder::Recorder;
using recorder::ThreadBuffer;
using Mark = FrameMarkKind;

constexpr std::size_t kMegabyte = std::size_t{1} << 20;
constexpr recorder::ZoneKey kKey = 64;
constexpr base::SourceLocationId kOther = base::SourceLocationId::Other;

/// Takes everything, as a viewer would that reads.
class Reader final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        Visitor visitor{this, batch.thread};
        walks_.try_emplace(batch.thread, base::SteadyClock(0)).first->second.walk(batch.words, visitor);
    }
    void take(std::span<const FrameMark> more) override { marks.insert(marks.end(), more.begin(), more.end()); }
    void take(std::span<const events::PlotPoint> more) override {
        points.insert(points.end(), more.begin(), more.end());
    }

    std::uint64_t zones() const {
        std::uint64_t sum = 0;
        for (const auto& [thread, count] : ended) sum += count;
        return sum;
    }

    std::map<base::ThreadId, std::uint64_t> begun, ended;
    std::vector<std::string> notices;
    std::string order;  // of what happened: a letter each
    std::vector<FrameMark> marks;
    std::vector<events::PlotPoint> points;

private:
    struct Visitor {
        void on(const events::ZoneBegin&) {
            ++reader->begun[thread];
            reader->order += 'b';
        }
        void on(const events::ZoneBeginCallstack& zone) { on(events::without_callstack(zone)); }
        void on(const events::ZoneEnd&) {
            ++reader->ended[thread];
            reader->order += 'e';
        }
        void on(const events::Message& message) {
            reader->notices.emplace_back(message.text);
            reader->order += 'm';
        }
        template <events::ThreadEvent Event>
        void on(const Event&) {}
        void dropped() { CHECK(!"the recorder's events are whole and balanced"); }

        Reader* reader;
        base::ThreadId thread;
    };
    std::map<base::ThreadId, events::SteadyWalk> walks_;
};

/// A session with a memory cap of its own, in which calls that do not fit are left out.
struct Session {
    explicit Session(std::size_t limit_bytes) {
        self.pool().set_limit_bytes(limit_bytes);
        self.policy().set_full(FullPolicy::Skip);
        self.start();
    }
    ~Session() {
        self.stop();
        read_all();
    }
    void read_all() {
        while (self.drain(reader, kMegabyte) != 0) {
        }
    }
    ThreadBuffer& thread(std::uint64_t number) {
        ThreadBuffer& buffer = *self.find_or_create(number, true);
        if (buffer.epoch != self.epoch()) buffer.reset(self.epoch());
        return buffer;
    }
    static void calls(ThreadBuffer& buffer, int count) {
        for (int i = 0; i < count; ++i) {
            buffer.begin(kKey, kOther);
            buffer.end(kKey);
        }
    }

    Recorder self{base::names()};
    Reader reader;
};

std::uint64_t left_out(const Reader& reader, const std::string& what) {
    std::uint64_t sum = 0;
    for (const std::string& notice : reader.notices) {
        const std::size_t at = notice.find(" " + what);
        if (at == std::string::npos) continue;
        sum += std::stoull(notice.substr(notice.rfind(' ', at - 1) + 1));
    }
    return sum;
}

}  // namespace

TEST(thousands_of_threads_that_do_little_take_little) {
    Session session(16 * kMegabyte);
    constexpr std::uint64_t kThreads = 10'000;
    for (std::uint64_t number = 1; number <= kThreads; ++number) Session::calls(session.thread(number), 4);
    CHECK(session.self.pool().used_bytes() <= kThreads * recorder::kFirstChunkBytes);
    session.read_all();
    CHECK(session.reader.zones() == 4 * kThreads && session.reader.begun.size() == kThreads);
    CHECK(session.reader.notices.empty());
}

TEST(a_busy_thread_has_large_chunks_and_a_slow_one_small_ones) {
    recorder::ChunkGrowth growth;
    std::vector<std::size_t> bytes;
    base::Ticks now = 0;
    for (const base::Ticks wait : {0, 10, 10, 10, 10, 1 << 30, 1 << 30, 1 << 30, 1 << 30, 10}) {
        const std::size_t words = growth.next(now += wait);
        growth.took(words, now);
        bytes.push_back(words * sizeof(events::Word) + sizeof(recorder::Chunk));
    }
    CHECK((bytes == std::vector<std::size_t>{1024, 4096, 16384, 65536, 65536, 16384, 4096, 1024, 1024, 4096}));
}

TEST(threads_that_were_busy_once_make_room_for_others) {
    Session session(16 * kMegabyte);
    constexpr std::uint64_t kThreads = 250;
    constexpr int kCalls = 3'000;  // 72,000 bytes: into the largest chunk
    session.self.set_stop_world([](void (*work)(void*), void* argument) noexcept { work(argument); });
    for (std::uint64_t number = 1; number <= 4 * kThreads; ++number) {
        Session::calls(session.thread(number), kCalls);
        if (number % 50 != 0) continue;
        session.read_all();
        // Half full of chunks that nobody needs: whoever asks for room has them given back.
        while (session.self.pool().used_bytes() > 8 * kMegabyte) {
            session.self.wait_for_room();
            session.read_all();
        }
    }
    CHECK(session.reader.zones() == 4 * kThreads * kCalls);
    CHECK(session.reader.notices.empty());
}

TEST(what_is_left_out_for_the_number_of_threads_is_not_blamed_on_the_viewer) {
    Session session(kMegabyte);
    for (std::uint64_t number = 1; number <= 2'000; ++number) Session::calls(session.thread(number), 1);
    session.read_all();
    REQUIRE(session.reader.notices.size() == 1);
    CHECK(session.reader.notices[0].find("threads at once") != std::string::npos);
    CHECK(session.reader.notices[0].find("viewer") == std::string::npos);
    CHECK(session.reader.zones() + left_out(session.reader, "call") == 2'000);
}

TEST(frame_marks_keep_to_the_memory_cap_and_are_counted) {
    Session session(4 * kMegabyte);
    constexpr int kThreads = 4, kMarks = 750'000;
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
        threads.emplace_back([&session] {
            for (int mark = 0; mark < kMarks; ++mark) session.self.frame_mark(Mark::Continuous, base::StringId::None);
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(session.self.pool().used_bytes() <= 4 * kMegabyte);
    session.read_all();
    CHECK(session.reader.marks.size() > 100'000 && session.reader.marks.size() < kThreads * kMarks);
    CHECK(session.reader.marks.size() + left_out(session.reader, "frame mark") == kThreads * kMarks);
    REQUIRE(session.reader.notices.size() == 1);
    CHECK(session.reader.notices[0].find("call") == std::string::npos);
    CHECK(session.self.pool().used_bytes() == 0);
    for (std::size_t i = 1; i < session.reader.marks.size(); ++i) {
        CHECK(session.reader.marks[i].ticks >= session.reader.marks[i - 1].ticks);
    }
}

TEST(a_start_and_its_end_are_both_there_or_both_left_out) {
    Session session(kMegabyte);
    base::StringTable names;
    const base::StringId a = names.intern("a"), b = names.intern("b");
    std::uint64_t made = 0;
    const auto mark = [&](Mark kind, base::StringId name) {
        session.self.frame_mark(kind, name);
        ++made;
    };
    mark(Mark::Start, b);  // goes on while memory fills up
    for (int round = 0; round < 30'000; ++round) {
        mark(Mark::Start, a);
        mark(Mark::End, a);
    }
    mark(Mark::End, b);
    mark(Mark::Start, b);  // no room
    session.read_all();
    mark(Mark::End, b);  // its start is not there
    mark(Mark::Start, b);
    mark(Mark::End, b);
    session.read_all();
    std::map<base::StringId, int> open;
    for (const FrameMark& one : session.reader.marks) {
        open[one.name] += one.kind == Mark::Start ? 1 : -1;
        CHECK(open[one.name] == 0 || open[one.name] == 1);
    }
    CHECK(open[a] == 0 && open[b] == 0);
    CHECK(session.reader.marks.size() < 60'000 && session.reader.marks.size() > 30'000);
    CHECK(session.reader.marks.size() + left_out(session.reader, "frame mark") == made);
}

TEST(a_frame_whose_next_start_is_left_out_ends_there) {
    Session session(kMegabyte);
    const base::StringId name{1}, other{2};
    session.self.frame_mark(Mark::Start, name);
    while (session.self.pool().has_room()) session.self.frame_mark(Mark::Continuous, other);
    for (int i = 0; i < 5'000; ++i) session.self.frame_mark(Mark::Continuous, other);
    session.self.frame_mark(Mark::Start, name);
    session.read_all();
    CHECK(session.reader.marks.back().name == name && session.reader.marks.back().kind == Mark::End);
}

TEST(threads_beyond_the_rows_share_some_under_a_name_that_says_so) {
    Session session(64 * kMegabyte);
    base::ThreadNames& names = base::names().threads;
    constexpr std::uint64_t kThreads = recorder::RowNumbers::kMostOwn + 500;
    for (std::uint64_t number = 1; number <= kThreads; ++number) {
        ThreadBuffer& buffer = session.thread(number);
        if (buffer.has_own_row()) names.set(buffer.id(), "thread number " + std::to_string(number));
        Session::calls(buffer, 1);
        session.self.thread_exits(buffer);
        if (number % 5'000 == 0 || number % 100 == 1) session.read_all();
    }
    session.read_all();
    CHECK(session.reader.zones() == kThreads);
    std::uint64_t threads = 0, shared = 0;
    for (const auto& [id, zones] : session.reader.ended) {
        const std::string name = names.find(id);
        if (id == base::kNoticeThread) continue;
        threads += base::threads_of_row(id, name);
        if (name.starts_with("other threads (")) {
            ++shared;
            CHECK(base::threads_of_row(id, name) == zones);
        } else {
            CHECK(zones == 1 && name == "thread number " + std::to_string(static_cast<std::uint32_t>(id)));
        }
    }
    CHECK(threads == kThreads && shared > 0 && shared <= 500);
    REQUIRE(session.reader.notices.size() == 1);
    CHECK(session.reader.notices[0].find("share rows") != std::string::npos);
}

TEST(only_the_name_of_a_shared_row_stands_for_more_than_one_thread) {
    CHECK(base::threads_of_row(base::ThreadId{7}, base::shared_row_name(12'345)) == 12'345);
    for (const char* name : {"", "worker", "other threads", "other threads ( so far)", "other threads (x so far)"}) {
        CHECK(base::threads_of_row(base::ThreadId{7}, name) == 1);
    }
    CHECK(base::threads_of_row(base::kNoticeThread, "tracypy") == 0);
}

TEST(messages_lie_between_the_zones_of_their_thread) {
    Session session(16 * kMegabyte);
    ThreadBuffer& buffer = session.thread(1);
    buffer.write_moment(events::Message{.text = "before"});
    buffer.begin(kKey, kOther);
    buffer.write_moment(events::Message{.text = "inside", .severity = events::Severity::Error});
    buffer.end(kKey);
    // A zone by hand waits to be written: it began before the message, and its time must stay.
    buffer.begin_to_outlast({buffer.new_token(), kOther});
    buffer.write_moment(events::Message{.text = "inside by hand"});
    session.read_all();
    CHECK((session.reader.notices == std::vector<std::string>{"before", "inside", "inside by hand"}));
    CHECK((session.reader.order == "mbmebm"));
}

TEST(points_of_all_threads_are_in_one_order) {
    Session session(16 * kMegabyte);
    const base::StringId plot = base::names().plots.intern("load");
    for (int i = 0; i < 300; ++i) {
        session.thread(1 + i % 3).write_shared(events::PlotPoint{.plot = plot, .value = 1.0 * i});
        session.self.frame_mark(Mark::Continuous, base::StringId::None);
    }
    session.read_all();
    REQUIRE(session.reader.points.size() == 300 && session.reader.marks.size() == 300);
    for (int i = 0; i < 300; ++i) {
        const events::PlotPoint& point = session.reader.points[i];
        CHECK(point.plot == plot && point.value == i);
        CHECK(point.ticks <= session.reader.marks[i].ticks);
        CHECK(i == 0 || session.reader.marks[i - 1].ticks <= point.ticks);
    }
}

TEST(messages_without_room_are_counted) {
    Session session(kMegabyte);
    ThreadBuffer& buffer = session.thread(1);
    const std::string text(60'000, 'x');
    for (int i = 0; i < 100; ++i) buffer.write_moment(events::Message{.text = text});
    session.read_all();
    const auto arrived =
        static_cast<std::uint64_t>(std::count(session.reader.notices.begin(), session.reader.notices.end(), text));
    CHECK(arrived > 5 && arrived < 20);
    CHECK(arrived + left_out(session.reader, "events") == 100);
}

}  // namespace tracypy::native_tests
