// Answers that come later than their queries: each query gets exactly one, whatever the provider does.
#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "house.hpp"
#include "protocol/encoder.hpp"
#include "talk.hpp"
#include "test_viewer.hpp"

namespace tracypy::native_tests {
namespace {

using protocol::PendingAnswer;
using protocol::PendingAnswers;
using protocol::QueryKind;

/// Keeps what it is asked, until a test answers it.
class KeepingProvider final : public protocol::AnswerProvider {
public:
    void source_text(std::string_view file, bool, PendingAnswer answer) noexcept override {
        const std::lock_guard lock(mutex_);
        files.emplace_back(file, std::move(answer));
        asked_.notify_all();
    }
    void set_parameter(std::uint32_t index, std::int32_t value, PendingAnswer answer) noexcept override {
        const std::lock_guard lock(mutex_);
        parameters.push_back({index, value, std::move(answer)});
    }
    void wait_until_asked() {
        std::unique_lock lock(mutex_);
        asked_.wait(lock, [this] { return !files.empty(); });
    }

    struct Parameter {
        std::uint32_t index;
        std::int32_t value;
        PendingAnswer answer;
    };
    std::vector<std::pair<std::string, PendingAnswer>> files;
    std::vector<Parameter> parameters;

private:
    std::mutex mutex_;
    std::condition_variable asked_;
};

/// The answers to queries for sources, by the query's id: the text, or "-" for none.
std::map<std::uint64_t, std::string> sources_of(const StreamReader& reader) {
    std::map<std::uint64_t, std::string> sources;
    for (const Answer& answer : reader.answers) {
        if (answer.kind == "SourceCode") CHECK(sources.emplace(answer.pointer, answer.text).second);
        if (answer.kind == "AckSourceCodeNotAvailable") CHECK(sources.emplace(answer.pointer, "-").second);
    }
    return sources;
}

using Sources = std::map<std::uint64_t, std::string>;

/// What is there now, with no time passing.
StreamReader& look(Talk& talk) {
    talk.session.answer_pending(talk.now_ns);
    talk.session.flush();
    talk.reader.feed(talk.session.output().pending());
    talk.session.output().clear();
    CHECK(talk.reader.error == "");
    return talk.reader;
}

TEST(source_text_comes_when_it_is_found_and_nothing_waits_for_it) {
    for_each_dialect([](std::uint32_t protocol, protocol::Packing packing) {
        KeepingProvider provider;
        Talk talk(protocol, packing, &provider);
        const std::string long_name = "/somewhere/" + std::string(500, 'd') + "/module.py";
        talk.receive(source_queries("a.py", 5) + source_queries(long_name, 6) + source_queries("twelve_bytes", 7) +
                     query(QueryKind::String, 0xDEAD));
        StreamReader& reader = look(talk);
        CHECK(reader.answers.back().kind == "StringData");
        CHECK(sources_of(reader).empty() && reader.queries.open() == 3);
        REQUIRE(provider.files.size() == 3);
        CHECK(provider.files[0].first == "a.py");
        CHECK(provider.files[1].first == long_name);
        CHECK(provider.files[2].first == "twelve_bytes");

        provider.files[2].second.give("third");
        talk.batch(Words().begin(2000, talk.location("f")).end(2001));
        CHECK(sources_of(look(talk)) == Sources{{7, "third"}});
        CHECK(reader.total_zones() == 1);
        provider.files[0].second.give("first");
        provider.files.clear();  // and so the second is not available
        CHECK(sources_of(look(talk)) == Sources{{5, "first"}, {6, "-"}, {7, "third"}});
        CHECK(reader.queries.open() == 0);
    });
}

TEST(provider_that_never_answers_leaves_no_query_open_when_the_viewer_parts) {
    for_each_dialect([](std::uint32_t protocol, protocol::Packing packing) {
        KeepingProvider provider;
        Talk talk(protocol, packing, &provider);
        Sources nothing;
        for (std::uint64_t id = 0; id < 30; ++id) {
            talk.receive(source_queries("file.py", id));
            nothing.emplace(id, "-");
        }
        CHECK(sources_of(look(talk)).empty());
        CHECK(provider.files.size() == PendingAnswers::kMaxAsked);
        talk.receive(query(QueryKind::Disconnect, 0));
        StreamReader& reader = look(talk);
        CHECK(reader.terminated && reader.queries.open() == 30);
        talk.now_ns += PendingAnswers::kPatienceNs;
        for (int i = 0; i < 4; ++i) look(talk);
        CHECK(sources_of(reader) == nothing);
        CHECK(reader.queries.open() == 0);
        for (auto& [file, answer] : provider.files) {
            CHECK(!answer.is_wanted());
            answer.give("too late");
        }
        CHECK(sources_of(look(talk)) == nothing);
        talk.receive(query(QueryKind::Terminate, 0));
        CHECK(talk.session.state() == protocol::ClientSession::State::Done);
    });
}

TEST(answer_for_a_viewer_that_has_left_harms_nobody) {
    KeepingProvider provider;
    {
        Talk talk(82, protocol::Packing::Stored, &provider);
        talk.receive(source_queries("a.py", 1));
        look(talk);
        REQUIRE(provider.files.size() == 1);
        CHECK(provider.files[0].second.is_wanted());
    }
    CHECK(!provider.files[0].second.is_wanted());
    provider.files[0].second.give("to nobody");
}

TEST(parameters_reach_the_program_and_are_acknowledged_in_order) {
    KeepingProvider provider;
    Talk talk(76, protocol::Packing::Stored, &provider);
    talk.receive(query(QueryKind::Parameter, std::uint64_t{3} << 32 | 0xFFFFFFFF));
    talk.receive(query(QueryKind::Parameter, std::uint64_t{4} << 32 | 12));
    StreamReader& reader = look(talk);
    REQUIRE(provider.parameters.size() == 2);
    CHECK(provider.parameters[0].index == 3 && provider.parameters[0].value == -1);
    CHECK(provider.parameters[1].index == 4 && provider.parameters[1].value == 12);
    CHECK(reader.answers.empty());
    provider.parameters.pop_back();
    CHECK(look(talk).answers.empty());  // an acknowledgement would seem to be the first one's
    provider.parameters.clear();
    CHECK(look(talk).answers.size() == 2);
    CHECK(reader.queries.open() == 0);
}

TEST(source_text_that_fits_no_block_is_not_available) {
    KeepingProvider provider;
    Talk talk(82, protocol::Packing::Compressed, &provider);
    talk.receive(source_queries("large.py", 1) + source_queries("larger.py", 2) + source_queries("empty.py", 3));
    look(talk);
    const std::string large(protocol::Encoder::kMaxData, 'x');
    REQUIRE(provider.files.size() == 3);
    provider.files[0].second.give(large);
    provider.files[1].second.give(large + "x");
    provider.files[2].second.give("");
    CHECK(sources_of(look(talk)) == Sources{{1, large}, {2, "-"}, {3, ""}});
}

TEST(names_of_files_that_make_no_sense_are_answered_at_once) {
    KeepingProvider provider;
    Talk talk(82, protocol::Packing::Stored, &provider);
    talk.receive(query(QueryKind::SourceCode, 1));               // no name at all
    talk.receive(source_queries(std::string(100'000, 'n'), 2));  // too long
    talk.receive(query(QueryKind::DataTransfer, 3) + query(QueryKind::SourceCode, 3));
    CHECK(sources_of(look(talk)) == Sources{{1, "-"}, {2, "-"}, {3, "-"}});
    std::string endless = query(QueryKind::DataTransfer, 5);
    for (int i = 0; i < 10'000; ++i) endless += query(QueryKind::DataTransferPart, 0x4141414141414141, 0x41414141);
    talk.receive(endless + query(QueryKind::SourceCode, 4));
    CHECK(sources_of(look(talk)).at(4) == "-");
    CHECK(provider.files.empty());
    talk.receive(source_queries("good.py", 5));
    look(talk);
    REQUIRE(provider.files.size() == 1);
    CHECK(provider.files[0].first == "good.py");
}

TEST(queries_for_sources_are_not_collected_without_end) {
    KeepingProvider provider;
    Talk talk(82, protocol::Packing::Stored, &provider);
    const std::size_t asked = PendingAnswers::kMaxRequests + 100;
    for (std::uint64_t id = 0; id < asked; ++id) talk.receive(source_queries("a.py", id));
    CHECK(sources_of(look(talk)).size() == 100);
    talk.now_ns += PendingAnswers::kPatienceNs;
    for (std::size_t i = 0; i < asked / PendingAnswers::kMaxAsked + 1; ++i) look(talk);
    CHECK(sources_of(talk.reader).size() == asked);
    CHECK(talk.reader.queries.open() == 0);
}

/// Answers on threads of its own, in any order, after a while or never.
class RandomProvider final : public protocol::AnswerProvider {
public:
    RandomProvider() {
        for (unsigned seed = 0; seed < 3; ++seed) threads_.emplace_back([this, seed] { work(seed); });
    }
    ~RandomProvider() override {
        stopping_ = true;
        for (std::thread& thread : threads_) thread.join();
    }
    void source_text(std::string_view file, bool, PendingAnswer answer) noexcept override {
        const std::lock_guard lock(mutex_);
        waiting_.emplace_back(file, std::move(answer));
    }
    void set_parameter(std::uint32_t, std::int32_t, PendingAnswer) noexcept override {}

private:
    void work(unsigned seed) {
        std::mt19937 random(seed);
        while (!stopping_) {
            std::unique_lock lock(mutex_);
            if (waiting_.empty()) {
                lock.unlock();
                std::this_thread::yield();
                continue;
            }
            const std::size_t which = random() % waiting_.size();
            auto [file, answer] = std::move(waiting_[which]);
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(which));
            lock.unlock();
            if (random() % 4 != 0) answer.give("text of " + file);
        }
    }

    std::mutex mutex_;
    std::vector<std::pair<std::string, PendingAnswer>> waiting_;
    std::atomic<bool> stopping_{false};
    std::vector<std::thread> threads_;
};

TEST(many_threads_may_answer_while_viewers_come_and_go) {
    RandomProvider provider;
    for (int viewer = 0; viewer < 20; ++viewer) {
        Talk talk(82, protocol::Packing::Stored, &provider);
        for (std::uint64_t id = 0; id < 200; ++id) {
            talk.receive(source_queries("file " + std::to_string(id), id) + query(QueryKind::Parameter, id));
        }
        if (viewer % 4 == 3) continue;  // leaves with everything open
        const auto start = std::chrono::steady_clock::now();
        while (look(talk).queries.open() > 0 && seconds_since(start) < 60) std::this_thread::yield();
        const Sources sources = sources_of(talk.reader);
        CHECK(sources.size() == 200 && talk.reader.queries.open() == 0);
        for (const auto& [id, text] : sources) CHECK(text == "-" || text == "text of file " + std::to_string(id));
    }
}

TEST(a_served_viewer_gets_its_zones_while_a_source_is_looked_for) {
    KeepingProvider provider;
    House house;
    house.program.set_answer_provider(provider);
    TestViewer viewer(house.port);
    REQUIRE(viewer.greet(82) == 1 && house.server.wait_connected(std::chrono::milliseconds(20'000)));
    viewer.ask(source_queries("a.py", 9));
    provider.wait_until_asked();
    house.zones(1000);
    CHECK(viewer.read_until([](StreamReader& reader) { return reader.total_zones() == 1000; }));
    std::thread answering([&provider] { provider.files[0].second.give("print()\n"); });
    CHECK(viewer.read_until([](StreamReader& reader) { return reader.queries.open() == 0; }));
    answering.join();
    const Sources sources = sources_of(viewer.reader());
    // On a machine that needed longer than the provider has for an answer, there is none.
    CHECK((sources == Sources{{9, "print()\n"}} || sources == Sources{{9, "-"}}));
}

}  // namespace
}  // namespace tracypy::native_tests
