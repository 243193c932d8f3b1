// Whatever a journal holds, its reader finds the whole packets before the damage, or says in one line that there are
// none. Worth most under ASan and UBSan.
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "io/byte_stream.hpp"
#include "journal/format.hpp"
#include "journal/journal_writer.hpp"
#include "journal/packet_reader.hpp"
#include "journal/packet_writer.hpp"
#include "journal/trace_maker.hpp"
#include "synthetic_trace.hpp"
#include "tracefile/reader.hpp"

namespace tracypy::native_tests {
namespace {

constexpr std::uint64_t kRefused = ~std::uint64_t{0};
constexpr std::uint64_t kWrong = kRefused - 1;

/// The zones of the trace that is made of it, after a look at whether the trace can be read.
std::uint64_t zones_in(const std::string& bytes) {
    try {
        io::MemorySource source(bytes);
        io::MemorySink out;
        journal::Progress progress;
        const journal::Made made = journal::make_trace(source, out, progress, {tracefile::Codec::Lz4, 0, 1});
        io::MemorySource file(out.bytes());
        if (tracefile::read_trace(file).trace.zone_count() != made.zones) return kWrong;
        return made.zones;
    } catch (const tracefile::FormatError&) {
        return kRefused;
    } catch (...) {
        return kWrong;
    }
}

/// The scene, in several flushes.
std::string scene_journal() {
    base::Names names;
    io::MemorySink sink;
    journal::JournalWriter writer(sink, names, {synthetic_info(), {0, 0}, kSceneStart});
    scene_events(names, writer);
    writer.flush({kSceneEnd, kSceneEnd / 2});
    Words words;
    for (std::uint64_t i = 0; i < 5; ++i) {
        words.begin(static_cast<std::uint64_t>(kSceneEnd) + i, base::SourceLocationId::Other);
        words.text("late");
        writer.thread_batch(words.batch(static_cast<std::uint32_t>(i % 2 + 1)));
        words.clear();
        writer.flush({kSceneEnd, kSceneEnd / 2});
    }
    writer.finish({kSceneEnd + 100, kSceneEnd / 2 + 50});
    return sink.bytes();
}

/// What the packets of a journal hold.
std::vector<std::string> contents(const std::string& bytes) {
    io::MemorySource source(bytes);
    journal::PacketReader packets(source, journal::kHeadBytes);
    std::vector<std::string> found;
    while (const auto packet = packets.next()) found.emplace_back(packet->content);
    return found;
}

std::string assembled(const std::vector<std::string>& packets) {
    std::string bytes;
    journal::append_head(bytes);
    journal::PacketWriter writer;
    for (const std::string& content : packets) writer.append(content, bytes);
    return bytes;
}

std::string message_of(const std::string& bytes) {
    try {
        io::MemorySource source(bytes);
        io::MemorySink out;
        journal::Progress progress;
        (void)journal::make_trace(source, out, progress);
        return "";
    } catch (const tracefile::FormatError& error) {
        return error.what();
    }
}

}  // namespace

TEST(foreign_files_are_no_journals) {
    CHECK(message_of("") == "not a journal of tracypy");
    CHECK(message_of("x") == "not a journal of tracypy");
    CHECK(message_of(std::string(100'000, '\0')) == "not a journal of tracypy");
    CHECK(message_of(std::string("tr\xFDP\0\1", 6) + std::string(500, '\1')) == "not a journal of tracypy");
    std::string other_release = scene_journal();
    other_release[journal::kHeadBytes - 4] = 9;
    CHECK(message_of(other_release).find("format 9") != std::string::npos);
}

TEST(journals_that_hold_nothing_say_so) {
    const std::string bytes = scene_journal();
    CHECK(message_of(bytes.substr(0, journal::kHeadBytes)).find("holds nothing") != std::string::npos);
    CHECK(message_of(bytes.substr(0, journal::kHeadBytes + 30)).find("holds nothing") != std::string::npos);
    CHECK(message_of(assembled({})).find("holds nothing") != std::string::npos);
}

TEST(cut_journals_lose_only_their_end) {
    const std::string bytes = scene_journal();
    CHECK(zones_in(bytes) == 726);
    std::size_t beginning = 0;
    while (zones_in(bytes.substr(0, beginning)) == kRefused) ++beginning;
    CHECK(beginning < 300);
    std::uint64_t before = 0;
    for (std::size_t size = beginning; size < bytes.size(); ++size) {
        const std::uint64_t zones = zones_in(bytes.substr(0, size));
        CHECK(zones >= before && zones <= 726);
        before = zones;
    }
    CHECK(before == 726);
}

TEST(flipped_bits_end_a_journal_where_they_are) {
    const std::string bytes = scene_journal();
    std::mt19937 random(5);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        std::string damaged = bytes;
        damaged[i] ^= static_cast<char>(1u << random() % 8);
        const std::uint64_t zones = zones_in(damaged);
        CHECK(zones == kRefused || zones <= 726);
    }
}

TEST(wrong_contents_with_right_checksums_never_harm) {
    const std::vector<std::string> packets = contents(scene_journal());
    REQUIRE(packets.size() > 8);
    CHECK(zones_in(assembled(packets)) == 726);
    std::mt19937 random(6);
    for (std::size_t packet = 0; packet < packets.size(); ++packet) {
        for (std::size_t round = 0; round < 400; ++round) {
            std::vector<std::string> damaged = packets;
            std::string& content = damaged[packet];
            const std::size_t at = round < content.size() ? round : random() % content.size();
            if (round % 4 == 0) {
                content[at] = static_cast<char>(random());
            } else if (round % 4 == 1) {
                content.resize(at);
            } else if (round % 4 == 2) {
                content.replace(at, std::min<std::size_t>(8, content.size() - at), std::string(8, '\xFF'));
            } else {
                content.insert(at, std::string(1 + random() % 9, static_cast<char>(random())));
            }
            CHECK(zones_in(assembled(damaged)) != kWrong);
        }
    }
}

TEST(journals_of_noise_never_harm) {
    std::mt19937 random(7);
    const std::vector<std::string> packets = contents(scene_journal());
    for (int round = 0; round < 300; ++round) {
        std::vector<std::string> noise = {packets[0], packets[1]};
        for (int packet = 0; packet < 3; ++packet) {
            std::string content(random() % 3'000 + 1, '\0');
            for (char& byte : content) byte = static_cast<char>(random() % (round % 2 == 0 ? 8 : 256));
            content[0] = static_cast<char>(random() % 2);
            noise.push_back(content);
        }
        CHECK(zones_in(assembled(noise)) != kWrong);
    }
}

TEST(packets_larger_than_any_of_ours_end_a_journal) {
    std::vector<std::string> packets = contents(scene_journal());
    packets.insert(packets.begin() + 2, std::string(journal::kMaxPacketBytes + 1, '\0'));
    CHECK(zones_in(assembled(packets)) < 726);
}

}  // namespace tracypy::native_tests
