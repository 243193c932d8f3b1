// What processes of a family say to each other, and how a member's events become those of its root's trace.
#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check.hpp"
#include "drivers/family_link.hpp"
#include "drivers/family_messages.hpp"
#include "drivers/family_rows.hpp"
#include "events/null_sink.hpp"
#include "io/byte_stream.hpp"
#include "journal/journal_writer.hpp"
#include "journal/packet_writer.hpp"

namespace tracypy::native_tests {
namespace {

using namespace drivers;

class Numbers final : public FamilyNumbers {
public:
    base::ThreadId take_row(std::uint64_t number) override {
        if (left_ == 0) return base::ThreadId::None;
        --left_;
        return static_cast<base::ThreadId>(number + 1'000);
    }
    int left_ = 10;
};

/// Counts what comes, by row.
class Counting final : public events::NullSink {
public:
    void thread_batch(const events::ThreadBatch& batch) override {
        words[batch.thread] += batch.words.size();
        carriers[batch.thread] = batch.carrier;
    }
    void take(std::span<const events::ThreadFacts> facts) override {
        for (const events::ThreadFacts& each : facts) hints[each.thread] = each.group_hint;
    }
    void take(std::span<const events::PlotPoint> found) override {
        points.insert(points.end(), found.begin(), found.end());
    }
    void take(std::span<const events::LockEvent> found) override {
        locks.insert(locks.end(), found.begin(), found.end());
    }

    std::map<base::ThreadId, std::size_t> words;
    std::map<base::ThreadId, base::ThreadId> carriers;
    std::map<base::ThreadId, std::int32_t> hints;
    std::vector<events::PlotPoint> points;
    std::vector<events::LockEvent> locks;
};

constexpr FamilySecret kSecret{'s', 'e', 'c', 'r', 'e', 't'};

std::vector<events::Word> zone(base::Ticks at, base::SourceLocationId location) {
    std::vector<events::Word> words;
    events::append(words, events::ZoneBegin{at, location});
    events::append(words, events::ZoneEnd{at + 1});
    return words;
}

/// A journal of another process, with tables of its own.
struct Member {
    Member() { locations.push_back(names.locate({"work", "a.py", 1})); }

    base::Names names;
    std::vector<base::SourceLocationId> locations;
    io::MemorySink bytes;
    journal::JournalWriter writer{bytes, names, journal::JournalInfo{}};
};

/// Reads it as it comes, packet by packet.
void read(const std::string& bytes, FamilyRows& rows) {
    ArrivingJournal journal;
    std::optional<journal::JournalReader> reader;
    std::string_view left = bytes;
    for (int packets = 1; !left.empty(); ++packets) {
        const std::size_t size = journal::first_packet_bytes(left);
        CHECK(size != 0);
        if (size == 0) return;
        journal.append(left.substr(0, size));
        left.remove_prefix(size);
        if (packets < 2) continue;
        if (!reader) reader.emplace(journal, &rows);
        while (reader->offset() < journal.size()) CHECK(reader->next(rows).has_value());
        journal.forget();
    }
}

}  // namespace

TEST(messages_come_as_they_were_sent_however_they_are_cut) {
    std::string sent;
    put_message(sent, FamilyMessage::Name, "");
    put_message(sent, FamilyMessage::Journal, std::string(100'000, 'x'));
    put_message(sent, FamilyMessage::Begin, std::uint64_t{7});
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, sent.size()}) {
        MessageReader reader;
        std::vector<std::pair<FamilyMessage, std::size_t>> found;
        for (std::size_t at = 0; at < sent.size(); at += piece) {
            reader.append(std::span(sent).subspan(at, std::min(piece, sent.size() - at)));
            while (const auto message = reader.next()) found.emplace_back(message->kind, message->content.size());
        }
        CHECK(!reader.is_damaged());
        CHECK(found.size() == 3u);
        CHECK(found[1] == std::pair(FamilyMessage::Journal, std::size_t{100'000}));
        CHECK(found[2] == std::pair(FamilyMessage::Begin, std::size_t{8}));
    }
}

TEST(a_message_that_is_too_long_is_none) {
    const std::string head{"\x04\xFF\xFF\xFF\x7F", 5};
    MessageReader reader;
    reader.append(head);
    CHECK(!reader.next());
    CHECK(reader.is_damaged());
    reader.append(std::string(1'000, 'x'));
    CHECK(!reader.next());
}

TEST(a_greeting_needs_the_secret) {
    const std::string text = hello_text(kSecret, own_hello(4711, "worker"));
    const auto hello = read_hello(text, kSecret);
    CHECK(hello.has_value());
    CHECK(hello->process == 4711u && hello->name == "worker");
    FamilySecret other = kSecret;
    other.back() = 'x';
    CHECK(!read_hello(text, other));
    for (std::size_t bytes = 0; bytes < text.size() - 6; ++bytes) CHECK(!read_hello(text.substr(0, bytes), kSecret));
    CHECK(!read_hello(text + std::string(kMostNameBytes, 'x'), kSecret));
}

TEST(a_greeting_says_which_clock_its_process_reads) {
    const auto said = [](base::Ticks now, bool counts) {
        return read_hello(hello_text(kSecret, {4711, "worker", now, counts}), kSecret)->reads_our_clock();
    };
    const auto hour = static_cast<base::Ticks>(3600e9 / base::tick_scale().nanoseconds_per_tick());
    const base::Ticks now = base::now_ticks();
    const bool counts = base::has_counter_clock();
    CHECK(said(now, counts));
    CHECK(!said(now, !counts));
    CHECK(!said(now - hour, counts));
    CHECK(!said(now + hour, counts));
}

TEST(packets_are_found_in_what_a_writer_writes) {
    Member member;
    member.writer.thread_batch({base::ThreadId{5}, zone(base::now_ticks(), member.locations[0])});
    member.writer.finish();
    std::string_view left = member.bytes.bytes();
    int packets = 0;
    for (; !left.empty(); ++packets) {
        const std::size_t size = journal::first_packet_bytes(left);
        CHECK(size != 0 && size <= left.size());
        for (const std::size_t cut : {size - 1, std::size_t{10}})
            CHECK(journal::first_packet_bytes(left.substr(0, cut)) == 0u);
        left.remove_prefix(size);
    }
    CHECK(packets >= 4);  // head, recording, notes, events
}

TEST(events_of_a_member_have_the_names_of_the_root) {
    base::Names root;
    root.locate({"elsewhere", "b.py", 2});  // so that the numbers differ
    Numbers numbers;
    const std::string process = "worker (7)";
    FamilyRows rows(root, numbers, process, 3);
    Counting counting;
    rows.set_sink(counting);

    Member member;
    member.names.threads.set(base::ThreadId{5}, "main");
    member.writer.thread_batch({base::ThreadId{5}, zone(base::now_ticks(), member.locations[0])});
    const events::PlotPoint point{base::now_ticks(), member.names.strings.intern("speed"), 2.5};
    member.writer.take({&point, 1});
    const events::LockEvent unknown{base::now_ticks(), 1, base::ThreadId{5}, events::LockEventKind::Wait};
    member.writer.take({&unknown, 1});
    member.writer.finish();
    read(member.bytes.bytes(), rows);

    const base::ThreadId row{1'005};
    CHECK(counting.words[row] == 4u);  // a far begin, and an end
    CHECK(counting.hints[row] == 3);
    CHECK(root.threads.find(row) == "worker (7): main");
    CHECK(counting.points.size() == 1u);
    CHECK(root.strings.find(counting.points[0].plot).text == "worker (7): speed");
    CHECK(root.locations.known(*root.locations.find(root.locate({"work", "a.py", 1}))) !=
          base::SourceLocationId::Other);
    CHECK(counting.locks.empty());  // of a lock that was not announced
    CHECK(rows.take_words() == 4u);
}

TEST(what_there_is_no_row_for_is_counted) {
    base::Names root;
    Numbers numbers;
    numbers.left_ = 1;
    const std::string process = "worker (7)";
    FamilyRows rows(root, numbers, process, 1);
    Counting counting;
    rows.set_sink(counting);
    Member member;
    for (const std::uint32_t thread : {5u, 6u}) {
        member.writer.thread_batch({base::ThreadId{thread}, zone(base::now_ticks(), member.locations[0])});
    }
    member.writer.finish();
    read(member.bytes.bytes(), rows);
    CHECK(counting.words.size() == 1u);
    rows.tell_left_out();
    CHECK(counting.words[base::kNoticeThread] != 0);
}

TEST(runs_of_a_members_fibers_say_on_which_thread) {
    base::Names root;
    Numbers numbers;
    const std::string process = "worker (7)";
    FamilyRows rows(root, numbers, process, 1);
    Counting counting;
    rows.set_sink(counting);
    Member member;
    member.writer.keep_order_of_fibers();
    const base::ThreadId thread{5}, fiber{9};
    std::vector<events::Word> run;
    events::append(run, events::FiberEnter{base::now_ticks(), fiber, thread});
    events::append(run, events::FiberLeave{base::now_ticks()});
    member.writer.thread_batch({thread, zone(base::now_ticks(), member.locations[0])});
    member.writer.thread_batch({fiber, run, thread});
    member.writer.thread_batch({thread, zone(base::now_ticks(), member.locations[0])});
    member.writer.finish();
    read(member.bytes.bytes(), rows);
    CHECK(counting.carriers[base::ThreadId{1'009}] == base::ThreadId{1'005});
    CHECK(counting.carriers[base::ThreadId{1'005}] == base::ThreadId::None);
    CHECK(counting.words[base::ThreadId{1'009}] == run.size());
}

}  // namespace tracypy::native_tests
