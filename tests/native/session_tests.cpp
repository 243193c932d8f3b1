// ClientSession and below: bytes in, bytes out, no sockets.
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "protocol/client_session.hpp"
#include "protocol/discovery.hpp"
#include "protocol/location_ids.hpp"
#include "protocol/pending_answers.hpp"
#include "protocol/wire_bytes.hpp"
#include "talk.hpp"
#include "words.hpp"

namespace tracypy::native_tests {
namespace {

using base::StringId;
using base::ThreadId;
using events::FrameMark;
using events::FrameMarkKind;
using events::Word;
using protocol::ClientSession;
using protocol::Packing;
using protocol::PendingAnswers;
using protocol::QueryKind;
using State = ClientSession::State;

constexpr ThreadId kThread = Talk::kThread;

TEST(a_protocol_that_no_release_speaks_is_refused_with_the_releases_that_work) {
    base::Names names;
    for (const std::uint32_t protocol : {0u, 65u, 67u, 83u, 0xFFFFFFFFu}) {
        ClientSession session(names);
        session.receive(greeting(protocol));
        CHECK(session.state() == State::Refused);
        CHECK(session.output().size() == 1 && session.output().pending()[0] == 2);
        CHECK(session.problem().find("0.13.0 - 0.13.1") != std::string::npos);
    }
}

TEST(a_greeting_may_come_byte_by_byte_and_garbage_fails_at_once) {
    base::Names names;
    ClientSession session(names);
    for (const char byte : greeting(76)) {
        CHECK(session.state() == State::Greeting);
        session.receive({&byte, 1});
    }
    CHECK(session.state() == State::AwaitingWelcome);
    ClientSession other(names);
    other.receive(std::string_view("GET"));
    CHECK(other.state() == State::Failed && !other.problem().empty() && other.output().empty());
}

TEST(a_second_viewer_is_turned_away) {
    base::Names names;
    ClientSession session(names);
    session.receive(greeting(82));
    session.turn_away();
    CHECK(session.state() == State::Refused && session.problem().empty());
    CHECK(session.output().size() == 1 && session.output().pending()[0] == 3);
}

TEST(queries_that_come_with_the_greeting_wait_for_the_welcome) {
    base::Names names;
    ClientSession session(names);
    session.receive(greeting(76) + query(QueryKind::String, 1) + query(QueryKind::Terminate, 0));
    CHECK(session.state() == State::AwaitingWelcome);
    session.welcome({}, 0, 0, Packing::Stored);
    CHECK(session.state() == State::Done);
}

TEST(the_welcome_has_every_field_in_its_place) {
    protocol::Welcome facts;
    facts.program.name = std::string(100, 'p');
    facts.program.host = std::string(1022, 'h') + "é";  // two bytes that do not fit both
    facts.nanoseconds_per_tick = 0.5;
    facts.first_tick = 11;
    facts.resolution_ticks = 22;
    facts.epoch_seconds = 33;
    facts.program.process_id = 44;
    facts.program.processor.architecture = base::Processor::Architecture::X64;
    facts.program.processor.id = 55;
    for (const protocol::Dialect& dialect : protocol::dialects()) {
        const std::string bytes = protocol::make_welcome(dialect, facts, 6, 7);
        const std::size_t shift = dialect.welcome_has_delay ? 8 : 0;
        CHECK(bytes.size() == 1170 + shift + 16);
        CHECK(protocol::get<double>(bytes.data()) == 0.5);
        CHECK(protocol::get<std::int64_t>(bytes.data() + 8) == 11);
        CHECK(protocol::get<std::uint64_t>(bytes.data() + 24 + shift) == 22);
        CHECK(protocol::get<std::uint64_t>(bytes.data() + 32 + shift) == 33);
        CHECK(protocol::get<std::uint64_t>(bytes.data() + 40 + shift) == 0);
        CHECK(protocol::get<std::uint64_t>(bytes.data() + 48 + shift) == 44);
        CHECK(bytes[64 + shift] == 1 && bytes[65 + shift] == 2);
        CHECK(protocol::get<std::uint32_t>(bytes.data() + 78 + shift) == 55);
        CHECK(std::strlen(bytes.data() + 82 + shift) == 63);
        CHECK(std::strlen(bytes.data() + 146 + shift) == 1022);
        CHECK(protocol::get<std::uint64_t>(bytes.data() + 1170 + shift) == 6);
        CHECK(protocol::get<std::uint64_t>(bytes.data() + 1178 + shift) == 7);
        const std::size_t head = protocol::welcome_bytes(dialect);
        const protocol::Welcome read = protocol::parse_welcome(dialect, std::span(bytes).first(head));
        base::ProgramFacts cut = facts.program;
        cut.name.resize(63);
        cut.host.resize(1022);
        CHECK(read.program == cut);
        CHECK(read.first_tick == 11 && read.initialized_tick == 11 && read.resolution_ticks == 22);
        CHECK(read.epoch_seconds == 33 && read.nanoseconds_per_tick == 0.5);
    }
}

TEST(how_a_plot_is_drawn_goes_over_the_wire_and_the_viewer_may_ask_for_its_name) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const StringId plot = talk.names.strings.intern("load");
        const events::PlotStyle styles[] = {{plot, events::PlotFormat::Percentage, true, false, 0x123456},
                                            {plot, events::PlotFormat::Watt, false, true, 0}};
        talk.session.take(styles);
        talk.receive(query(QueryKind::PlotName, static_cast<std::uint64_t>(plot)));
        const StreamReader& reader = talk.read();
        REQUIRE(reader.plots.size() == 2);
        for (const PlotConfig& one : reader.plots) CHECK(one.plot == static_cast<std::uint64_t>(plot));
        const PlotConfig& first = reader.plots[0];
        CHECK(first.format == 2 && first.step && !first.fill && first.color == 0x563412);
        const PlotConfig& second = reader.plots[1];
        CHECK(second.format == 3 && !second.step && second.fill && second.color == 0);
        REQUIRE(reader.answers.size() == 1);
        CHECK(reader.answers[0].kind == "PlotName" && reader.answers[0].text == "load");
    });
}

TEST(application_information_goes_over_the_wire_and_is_never_before_the_connection) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const std::string longest(70'000, 'x');
        const events::AppInfo lines[] = {{talk.names.strings.intern("version 1.2.3")},
                                         {talk.names.strings.intern("")},
                                         {talk.names.strings.intern(longest)}};
        talk.session.take(lines);
        talk.batch(Words().begin(5'000).end(6'000));
        talk.session.take(std::span(lines).first(1));
        const StreamReader& reader = talk.read();
        REQUIRE(reader.app_info.size() == 4);
        CHECK(reader.app_info[0].second == "version 1.2.3" && reader.app_info[1].second.empty());
        CHECK(reader.app_info[2].second == longest.substr(0, 65'535));
        CHECK(reader.app_info[0].first == 1'000 && reader.app_info[3].first == 6'000);
    });
}

TEST(zone_times_survive_in_every_form) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const std::uint32_t location = talk.location("f");
        std::vector<Word> ticks{2000};
        for (const Word step : {Word{0}, Word{1}, Word{65'535}, Word{65'536}, Word{65'537}, Word{0xFFFFFFFF},
                                Word{0x10000FFFF}, Word{0x100010000}, Word{0x100010001}, Word{1} << 40}) {
            ticks.push_back(ticks.back() + step);
        }
        Words words;
        for (const Word tick : ticks) words.begin(tick, location);
        for (const Word tick : ticks) words.end((Word{1} << 50) + tick);
        talk.batch(words);
        StreamReader& reader = talk.read();
        const std::vector<Zone>& zones = reader.zones[static_cast<std::uint32_t>(kThread)];
        REQUIRE(zones.size() == ticks.size());
        for (std::size_t i = 0; i < ticks.size(); ++i) {
            CHECK(zones[i].start == static_cast<std::int64_t>(ticks[i]));
            CHECK(zones[i].end == static_cast<std::int64_t>((Word{1} << 50) + ticks[ticks.size() - 1 - i]));
            CHECK(zones[i].depth == i);
        }
        CHECK(reader.open_zones() == 0);
    });
}

TEST(threads_keep_their_times_and_stacks_apart) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const std::uint32_t location = talk.location("f");
        for (Word round = 0; round < 100; ++round) {
            for (std::uint32_t thread = 1; thread <= 3; ++thread) {
                const Word tick = 5000 + round * 1000 + thread;
                talk.batch(Words().begin(tick, location).begin(tick + 1, location).end(tick + 2), ThreadId{thread});
            }
        }
        talk.session.finish(1'000'000);
        StreamReader& reader = talk.read();
        CHECK(reader.terminated && reader.open_zones() == 0 && reader.total_zones() == 600);
        CHECK(reader.counts["ThreadContext"] >= 300);
        for (const auto& [thread, zones] : reader.zones) {
            REQUIRE(zones.size() == 200);
            CHECK(zones[0].start == static_cast<std::int64_t>(5000 + thread) && zones[0].end == 1'000'000);
            CHECK(zones[199].start == static_cast<std::int64_t>(5000 + 99'000 + thread + 1));
        }
    });
}

TEST(what_has_no_open_zone_is_dropped_and_counted) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const std::uint32_t location = talk.location("f");
        Words words;
        words.end(2000).value(5).color(0x112233).text("orphan").name("orphan");
        talk.batch(words.begin(3000, location).end(2500).end(3600));
        StreamReader& reader = talk.read();
        CHECK(talk.session.counters().dropped_events == 6);
        CHECK(reader.total_zones() == 1);
        const Zone& zone = reader.zones[static_cast<std::uint32_t>(kThread)][0];
        CHECK(zone.start == 3000 && zone.end == 3001);  // the tick that went backwards: the shortest zone there is
        CHECK(reader.counts.count("ZoneText") == 0);
    });
}

TEST(events_older_than_the_welcome_are_moved_to_it) {
    Talk talk(76);
    talk.batch(Words().begin(10, talk.location("f")).end(20));
    talk.mark(FrameMarkKind::Continuous, 15, StringId::None);
    StreamReader& reader = talk.read();
    CHECK(reader.zones[static_cast<std::uint32_t>(kThread)][0].start == 1000);
    CHECK(reader.marks.at(0).tick == 1000);
}

TEST(texts_of_every_length_arrive_and_are_cut_at_a_whole_character) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const std::uint32_t location = talk.location("f");
        std::vector<std::string> texts;
        for (const std::size_t size : {0, 1, 7, 8, 9, 254, 255, 256, 257, 511, 512, 65'534, 65'535}) {
            texts.emplace_back(size, 'x');
        }
        texts.push_back(std::string(65'534, 'y') + "é and more");
        Words words;
        for (const std::string& text : texts) {
            words.begin(2000, location).text(text).name(text).value(~Word{0}).color(0x123456).end(2001);
            words.message(2002, text, 0).message(2002, text, 0xABCDEF);
        }
        talk.batch(words);
        StreamReader& reader = talk.read();
        const std::vector<Zone>& zones = reader.zones[static_cast<std::uint32_t>(kThread)];
        REQUIRE(zones.size() == texts.size() && reader.messages.size() == 2 * texts.size());
        texts.back().resize(65'534);
        for (std::size_t i = 0; i < texts.size(); ++i) {
            CHECK(zones[i].text == texts[i] && zones[i].name == texts[i]);
            CHECK(zones[i].value == ~Word{0} && zones[i].color == 0x123456);
            CHECK(reader.messages[2 * i].text == texts[i] && reader.messages[2 * i].color == 0);
            CHECK(reader.messages[2 * i + 1].text == texts[i] && reader.messages[2 * i + 1].color == 0xABCDEF);
            CHECK(reader.messages[2 * i].metadata == (protocol >= 77 ? 0x20 : -1));
        }
    });
}

TEST(many_blocks_with_history_unpack_to_what_went_in) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        std::mt19937_64 random(protocol);
        std::vector<std::uint32_t> locations;
        for (int i = 0; i < 200; ++i) locations.push_back(talk.location("f" + std::to_string(i)));
        Word tick = 5000;
        std::size_t made = 0;
        for (int batch = 0; batch < 60; ++batch) {
            Words words;
            for (int i = 0; i < static_cast<int>(random() % 30'000); ++i) {
                tick += random() % 3000;
                words.begin(tick, locations[random() % locations.size()]).end(tick + 3);
                ++made;
            }
            talk.batch(words, ThreadId{static_cast<std::uint32_t>(1 + random() % 3)});
            if (random() % 3 == 0) talk.read();
            if (batch == 30) talk.session.set_packing(random() % 2 == 0 ? Packing::Stored : Packing::Compressed);
        }
        StreamReader& reader = talk.read();
        CHECK(reader.total_zones() == made && reader.open_zones() == 0);
        CHECK(talk.session.counters().dropped_events == 0);
    });
}

TEST(locations_beyond_the_viewers_limit_are_folded_with_one_warning) {
    Talk talk(76);
    const std::uint32_t limit = protocol::LocationIds::kMaxDistinct;
    Words words;
    for (std::uint32_t i = 1; i < limit + 500; ++i) words.begin(2000 + i, i).end(2000 + i);
    words.begin(100'000, 0).end(100'001).begin(100'002, 0xFFFF'FFFF).end(100'003);
    words.begin(100'004, 7).end(100'005);
    talk.batch(words);
    talk.batch(words);
    StreamReader& reader = talk.read();
    std::map<std::uint64_t, int> seen;
    for (const Zone& zone : reader.zones[static_cast<std::uint32_t>(kThread)]) ++seen[zone.location];
    CHECK(seen.size() == limit);
    CHECK(seen[1] == 2 * (500 + 2));  // the 499 and one that did not fit, Other itself, the id beyond the table
    CHECK(reader.messages.size() == 1 && reader.messages[0].text.find("other functions") != std::string::npos);
}

TEST(threads_beyond_the_viewers_limit_are_left_out_with_one_warning) {
    Talk talk(82, Packing::Stored);
    const auto limit = static_cast<std::uint32_t>(ClientSession::kMaxThreads);
    const std::uint32_t location = talk.location("f");
    for (std::uint32_t i = 1; i <= limit + 10; ++i) {
        talk.batch(Words().begin(2000, location).end(2001), ThreadId{i});
        if (i % 5000 == 0) talk.read();
    }
    talk.batch(Words().begin(3000, location).end(3001), ThreadId{5});
    StreamReader& reader = talk.read();
    CHECK(reader.zones.size() == limit && reader.zones[5].size() == 2);
    CHECK(reader.messages.size() == 1 && reader.messages[0].text.find("threads") != std::string::npos);
    CHECK(talk.session.counters().dropped_batches == 10);
}

TEST(every_query_gets_one_answer) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        for (std::uint8_t kind = 1; kind <= 15; ++kind) {
            if (static_cast<QueryKind>(kind) == QueryKind::Disconnect) continue;
            talk.receive(query(static_cast<QueryKind>(kind), 0xDEADBEEF, 64));
            talk.read();
        }
        StreamReader& reader = talk.read();
        std::vector<std::string_view> kinds;
        for (const Answer& answer : reader.answers) {
            kinds.push_back(answer.kind);
            if (answer.kind == "StringData") CHECK(answer.pointer == 0xDEADBEEF && answer.text.empty());
        }
        CHECK((kinds == std::vector<std::string_view>{
                            "StringData", "ThreadName", "SourceLocation", "PlotName", "FrameName", "AckServerQueryNoop",
                            "FiberName", "ExternalThreadName", "ExternalName", "CallstackFrameSize", "CallstackFrame",
                            "SymbolInformation", "AckSymbolCodeNotAvailable", "AckSourceCodeNotAvailable",
                            "AckServerQueryNoop", "AckServerQueryNoop"}));
        CHECK(reader.queries.open() == 0);
        CHECK(talk.session.state() == State::Streaming);
    });
}

TEST(a_thread_that_is_renamed_just_after_it_began_is_shown_by_its_new_name) {
    Talk talk(76);
    talk.batch(Words().begin(2000, talk.location("f")).end(2001));
    talk.names.threads.set(kThread, "Thread-1");
    talk.receive(query(QueryKind::ThreadString, static_cast<std::uint64_t>(kThread)));
    const std::size_t before = talk.session.output().size();
    talk.session.answer_pending(1);
    talk.session.answer_pending(PendingAnswers::kNameDelayNs);
    talk.session.flush();
    CHECK(talk.session.output().size() == before);
    talk.names.threads.set(kThread, "worker");
    CHECK(talk.read().answers.at(0).text == "worker");
    CHECK(talk.read().answers.size() == 1);
}

TEST(queries_for_names_are_not_collected_without_end) {
    Talk talk(76, Packing::Stored);
    for (int i = 0; i < 100; ++i) {
        std::string many;
        for (int j = 0; j < 200; ++j) many += query(QueryKind::ThreadString, 4242);
        talk.receive(many);
    }
    CHECK(talk.session.output().size() > 100'000);
    CHECK(talk.read().answers.size() == 20'000);
}

TEST(only_what_was_shown_is_told) {
    Talk talk(76);
    const auto secret = static_cast<std::uint64_t>(talk.names.strings.intern("secret"));
    const std::uint32_t location = talk.location("function");
    const std::uint32_t unused = talk.location("unused");
    talk.names.threads.set(kThread, "worker");
    talk.names.threads.set(ThreadId{78}, "unseen");
    talk.batch(Words().begin(2000, location).end(2001));
    const std::uint64_t wire_id = talk.read().zones[static_cast<std::uint32_t>(kThread)][0].location;

    for (const std::string& one :
         {query(QueryKind::String, secret), query(QueryKind::SourceLocation, unused + 1),
          query(QueryKind::ThreadString, 78), query(QueryKind::ThreadString, static_cast<std::uint64_t>(kThread)),
          query(QueryKind::SourceLocation, wire_id)}) {
        talk.receive(one);
        talk.read();
    }
    StreamReader& reader = talk.read();
    REQUIRE(reader.answers.size() == 5);
    CHECK(reader.answers[0].text.empty());
    CHECK(reader.answers[1].text == std::string(31, '\0'));
    CHECK(reader.answers[2].text.empty());
    CHECK(reader.answers[3].text == "worker");
    const std::string& content = reader.answers[4].text;
    CHECK(protocol::get<std::uint64_t>(content.data()) == 0);  // no name of its own: the viewer shows the function
    const auto function = protocol::get<std::uint64_t>(content.data() + 8);
    const auto file = protocol::get<std::uint64_t>(content.data() + 16);
    CHECK(protocol::get<std::uint32_t>(content.data() + 24) == 12);

    talk.receive(query(QueryKind::String, function) + query(QueryKind::String, file) +
                 query(QueryKind::String, secret));
    talk.read();
    REQUIRE(reader.answers.size() == 8);
    CHECK(reader.answers[5].text == "function" && reader.answers[6].text == "a.py" && reader.answers[7].text.empty());
}

TEST(a_query_of_no_known_kind_ends_the_session) {
    Talk talk(76);
    talk.receive(query(QueryKind::String, 1) + query(static_cast<QueryKind>(16), 0) + query(QueryKind::String, 2));
    CHECK(talk.session.state() == State::Failed && !talk.session.problem().empty());
    talk.batch(Words().begin(2000, 1).end(2001));  // ignored
    talk.session.finish(3000);
    talk.session.keep_alive();
}

TEST(finishing_ends_every_zone_and_waits_for_the_viewer) {
    for_each_dialect([](std::uint32_t protocol, Packing packing) {
        Talk talk(protocol, packing);
        const std::uint32_t location = talk.location("f");
        Words deep;
        for (Word i = 0; i < 50'000; ++i) deep.begin(2000 + i, location);
        talk.batch(deep, ThreadId{1});
        talk.batch(Words().begin(9'000'000, location), ThreadId{2});
        talk.session.finish(8'000'000);
        talk.batch(Words().begin(9'500'000, location), ThreadId{2});  // too late
        StreamReader& reader = talk.read();
        CHECK(reader.terminated && reader.open_zones() == 0 && reader.total_zones() == 50'001);
        CHECK(reader.zones[1][0].end == 8'000'000 && reader.zones[2][0].end == 9'000'001);
        CHECK(talk.session.state() == State::Terminating);
        talk.receive(query(QueryKind::ThreadString, 2));
        CHECK(talk.read().answers.back().text == "thread 2");
        talk.receive(query(QueryKind::Terminate, 0));
        CHECK(talk.session.state() == State::Done);
    });
}

TEST(a_viewer_that_asks_to_part_gets_a_complete_end) {
    Talk talk(82);
    talk.batch(Words().begin(2000, talk.location("f")));
    talk.receive(query(QueryKind::Disconnect, 0));
    CHECK(talk.session.viewer_wants_to_leave() && talk.session.state() == State::Terminating);
    StreamReader& reader = talk.read();
    CHECK(reader.terminated && reader.open_zones() == 0);
    talk.receive(query(QueryKind::Disconnect, 0) + query(QueryKind::Terminate, 0));
    CHECK(talk.session.state() == State::Done);
    CHECK(talk.read().counts["Terminate"] == 1);
}

TEST(frame_marks_keep_the_kind_of_their_set) {
    using Mark = FrameMarkKind;
    Talk talk(76);
    const StringId physics = talk.names.strings.intern("physics");
    const StringId batch = talk.names.strings.intern("batch");
    talk.mark(Mark::Continuous, 2000, StringId::None);
    talk.mark(Mark::Start, 2001, StringId::None);  // the default set is continuous
    talk.mark(Mark::End, 2002, batch);             // no start yet
    talk.mark(Mark::Start, 2003, batch);
    talk.mark(Mark::Continuous, 2004, batch);  // mixed
    talk.mark(Mark::Start, 2005, batch);       // twice: ends the first
    talk.mark(Mark::End, 2004, batch);         // backwards
    talk.mark(Mark::End, 2006, batch);         // no start
    talk.mark(Mark::Continuous, 2007, physics);
    talk.mark(Mark::End, 2008, physics);         // mixed
    talk.mark(Mark::Continuous, 1500, physics);  // backwards
    talk.batch(Words().begin(3000, talk.location("f")).end(3001));
    StreamReader& reader = talk.read();
    struct Expected {
        std::string_view kind;
        std::int64_t tick;
        StringId name;
    };
    const Expected expected[] = {{"FrameMarkMsg", 2000, StringId::None}, {"FrameMarkMsgStart", 2003, batch},
                                 {"FrameMarkMsgEnd", 2005, batch},       {"FrameMarkMsgStart", 2005, batch},
                                 {"FrameMarkMsgEnd", 2005, batch},       {"FrameMarkMsg", 2007, physics},
                                 {"FrameMarkMsg", 2007, physics}};
    REQUIRE(reader.marks.size() == std::size(expected));
    for (std::size_t i = 0; i < std::size(expected); ++i) {
        CHECK(reader.marks[i].kind == expected[i].kind && reader.marks[i].tick == expected[i].tick);
        CHECK(reader.marks[i].name == static_cast<std::uint64_t>(expected[i].name));
    }
    CHECK(talk.session.counters().dropped_marks == 5);
    CHECK(reader.messages.size() == 1);  // the warning came with the first thread
    talk.receive(query(QueryKind::FrameName, static_cast<std::uint64_t>(batch)));
    CHECK(talk.read().answers.back().text == "batch");
}

TEST(damaged_batches_never_break_the_stream) {
    std::mt19937_64 random(7);
    for (int round = 0; round < 3000; ++round) {
        Talk talk(round % 2 == 0 ? 76 : 82, round % 3 == 0 ? Packing::Stored : Packing::Compressed);
        for (int batch = 0; batch < 4; ++batch) {
            std::vector<Word> words;
            for (std::size_t i = 0; i < 1 + random() % 60; ++i) {
                // Lower bits that mean something, upper ones that may.
                const Word kind = random() % (round % 5 == 0 ? 256 : 32);
                words.push_back((random() % 3 == 0 ? random() : random() % 4000) << 8 | kind);
            }
            talk.session.thread_batch({ThreadId{static_cast<std::uint32_t>(random() % 3)}, words});
        }
        talk.session.finish(2'000'000'000);
        CHECK(talk.read().open_zones() == 0);
    }
}

TEST(any_bytes_from_a_viewer_are_survived) {
    std::mt19937_64 random(8);
    for (int round = 0; round < 2000; ++round) {
        base::Names names;
        ClientSession session(names);
        if (random() % 4 != 0) session.receive(greeting(random() % 2 == 0 ? 76 : 82));
        if (session.state() == State::AwaitingWelcome) session.welcome({}, 0, 0, Packing::Stored);
        for (int i = 0; i < 20; ++i) {
            std::string bytes(random() % 40, '\0');
            for (char& byte : bytes) byte = static_cast<char>(random() % (round % 2 == 0 ? 256 : 16));
            session.receive(bytes);
            session.output().clear();
        }
    }
}

TEST(an_announcement_has_the_layout_of_version_3) {
    const std::string bytes = protocol::make_announcement({8087, 76, 4242, -1, std::string(80, 'n')});
    CHECK(bytes.size() == 20 + 63 + 1);
    CHECK(protocol::get<std::uint16_t>(bytes.data()) == 3);
    CHECK(protocol::get<std::uint16_t>(bytes.data() + 2) == 8087);
    CHECK(protocol::get<std::uint32_t>(bytes.data() + 4) == 76);
    CHECK(protocol::get<std::uint64_t>(bytes.data() + 8) == 4242);
    CHECK(protocol::get<std::int32_t>(bytes.data() + 16) == -1);
    CHECK(bytes.back() == '\0');
}

}  // namespace
}  // namespace tracypy::native_tests
