// ViewerServer over real sockets: who gets in, who does not, and that it always comes back.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/error.hpp"
#include "check.hpp"
#include "house.hpp"
#include "io/datagrams.hpp"
#include "io/listener.hpp"
#include "io/poller.hpp"
#include "io/process.hpp"
#include "protocol/wire_bytes.hpp"
#include "test_viewer.hpp"

namespace tracypy::native_tests {
namespace {

using drivers::ServerConfig;
using drivers::ViewerServer;
using events::FrameMark;
using events::FrameMarkKind;
using protocol::QueryKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

#if defined(__linux__)
int open_descriptors() {
    const std::filesystem::directory_iterator descriptors("/proc/self/fd");
    return static_cast<int>(std::distance(begin(descriptors), end(descriptors)));
}

// Others of this process, even when joined, may still be there: the system has to reap them first.
bool server_has_threads(int expected) {
    int count = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name;
        std::getline(std::ifstream(task.path() / "comm"), name);
        count += name == "tracypy";
    }
    return count == expected;
}
#else
int open_descriptors() {
    return 0;
}
bool server_has_threads(int) {
    return true;
}
#endif

TEST(a_viewer_gets_every_zone_in_every_dialect) {
    House house;
    for (int i = 0; i < 3; ++i) house.program.frame(FrameMarkKind::Continuous, "");
    for (const protocol::Dialect& dialect : protocol::dialects()) {
        TestViewer viewer(house.port);
        REQUIRE(viewer.greet(dialect.protocol) == 1);
        CHECK(viewer.frames_so_far() == 3);
        REQUIRE(house.server.wait_connected(milliseconds(20'000)));
        house.zones(1000);
        CHECK(viewer.read_until([](StreamReader& reader) { return reader.total_zones() == 1000; }));
        viewer.ask(QueryKind::Terminate, 0);
        CHECK(viewer.sees_end());
        CHECK(eventually([&] { return !house.server.is_connected() && !house.program.is_recording(); }));
    }
    CHECK(house.program.attaches() == 6 && house.program.detaches() == 6);
}

TEST(stopping_delivers_the_tail_and_leaves_nothing) {
    const int descriptors = open_descriptors();
    House house;
    for (int round = 0; round < 3; ++round) {
        if (round > 0) house.port = house.server.start(quiet());
        TestViewer viewer(house.port, round == 1 ? "::1" : "127.0.0.1");
        REQUIRE(viewer.greet(82) == 1 && house.server.wait_connected(milliseconds(20'000)));
        CHECK(server_has_threads(1));
        house.zones(50'000);
        house.program.begin(kThread, house.program.location("left open"));
        bool seen_off = false;
        std::thread other([&] { seen_off = viewer.see_off(); });
        CHECK(house.server.stop(ViewerServer::Wait::ForConnectedViewer));
        other.join();
        CHECK(seen_off && viewer.reader().total_zones() == 50'001);
        CHECK(!house.server.is_running() && house.server.port() == 0 && !house.server.is_connected());
        viewer.close();
        CHECK(server_has_threads(0));
        CHECK(open_descriptors() == descriptors);
    }
    CHECK(house.server.stop(ViewerServer::Wait::ForConnectedViewer));  // nothing to stop
}

TEST(a_second_viewer_is_told_at_once_and_the_first_goes_on) {
    House house;
    TestViewer first(house.port);
    REQUIRE(first.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    double quickest = 100;  // all would be slow; one may be, where the machine is busy
    for (int round = 0; round < 6; ++round) {
        const auto start = steady_clock::now();
        TestViewer second(house.port);
        CHECK(second.greet(82) == 3 && second.sees_end());
        TestViewer third(house.port);
        CHECK(third.greet(99) == 2 && third.sees_end());
        quickest = std::min(quickest, seconds_since(start));
    }
    CHECK(quickest < 1);
    house.zones(10);
    CHECK(first.read_until([](StreamReader& reader) { return reader.total_zones() == 10; }));
}

TEST(silent_and_garbage_peers_block_nobody) {
    House house;
    std::vector<std::unique_ptr<TestViewer>> silent;
    for (int i = 0; i < 30; ++i) silent.push_back(std::make_unique<TestViewer>(house.port));
    silent[25]->send("Tra");
    double quickest = 100;  // each would wait for the silent ones; one may be slow, where the machine is busy
    for (int round = 0; round < 6; ++round) {
        const auto start = steady_clock::now();
        silent.push_back(std::make_unique<TestViewer>(house.port));
        TestViewer garbage(house.port);
        garbage.send("GET / HTTP/1.1\r\n\r\n");
        CHECK(garbage.sees_end());
        TestViewer vanishing(house.port);
        vanishing.close();
        TestViewer viewer(house.port);
        CHECK(viewer.greet(76) == 1);
        house.zones(5);
        CHECK(house.server.wait_connected(milliseconds(20'000)));
        viewer.close();
        CHECK(eventually([&] { return !house.server.is_connected(); }));
        quickest = std::min(quickest, seconds_since(start));
    }
    CHECK(quickest < 1);
    for (const auto& peer : silent) CHECK(peer->sees_end(20));
}

TEST(a_viewer_that_is_held_up_before_it_greets_gets_in) {
    House house;
    TestViewer viewer(house.port);
    std::this_thread::sleep_for(std::chrono::seconds(3));  // as on a machine that has no time for it
    CHECK(viewer.greet(76) == 1);
}

TEST(a_viewer_may_end_in_any_way_and_the_next_gets_in) {
    House house;
    for (int round = 0; round < 12; ++round) {
        TestViewer viewer(house.port);
        REQUIRE(viewer.greet(round % 2 == 0 ? 76 : 82) == 1);
        REQUIRE(house.server.wait_connected(milliseconds(20'000)));
        house.zones(200);
        if (round % 4 == 0) viewer.ask(QueryKind::Terminate, 0);
        if (round % 4 == 1) viewer.close();
        if (round % 4 == 2) viewer.send(std::string(26, '\xEE'));
        if (round % 4 == 3) {
            viewer.ask(QueryKind::Disconnect, 0);
            CHECK(viewer.see_off());
        }
        CHECK(eventually([&] { return !house.server.is_connected(); }));
    }
    CHECK(eventually([&] { return house.program.detaches() == 12; }) && house.program.attaches() == 12);
}

TEST(a_program_on_its_way_out_turns_viewers_away) {
    House house;
    house.program.refuse_viewers();
    TestViewer viewer(house.port);
    CHECK(viewer.greet(76) == 3 && viewer.sees_end() && !house.server.is_connected());
}

TEST(a_viewer_that_reads_nothing_costs_bounded_memory_and_bounded_time) {
    ServerConfig config = quiet();
    config.exit_timeout_seconds = 2;
    House house(config);
    TestViewer viewer(house.port);
    viewer.with_small_buffer();
    REQUIRE(viewer.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    // Not drained into a buffer without end: it comes to a standstill, however much the kernel takes.
    std::size_t before = 0;
    CHECK(eventually([&] {
        house.zones(200'000);
        std::this_thread::sleep_for(milliseconds(300));
        const std::size_t left = house.program.backlog();
        const bool stands = left >= before + 2 * 200'000;
        before = left;
        return stands;
    }));
    const auto start = steady_clock::now();
    CHECK(!house.server.stop(ViewerServer::Wait::ForConnectedViewer));
    CHECK(seconds_since(start) > 1.5 && seconds_since(start) < 20);
}

TEST(a_slow_viewer_is_waited_for_as_long_as_it_takes_something) {
    ServerConfig config = quiet();
    config.exit_timeout_seconds = 3;
    House house(config);
    TestViewer viewer(house.port);
    viewer.with_small_buffer();
    REQUIRE(viewer.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    house.zones(1);
    std::mt19937_64 random(1);
    for (int i = 0; i < 400; ++i) {
        std::string text(65'000, '\0');  // nothing that compresses: the server starts to, when a viewer is slow
        for (char& byte : text) byte = static_cast<char>(random());
        house.program.message(kThread, text, 0);
    }
    bool seen_off = false;
    std::thread other([&] {
        // 26 MB, of which the kernel takes some megabytes at once, and then some more whenever it has got rid of them.
        for (int i = 0; i < 10; ++i) {
            std::this_thread::sleep_for(milliseconds(400));
            for (int block = 0; block < 8; ++block) viewer.read_some(1);
        }
        seen_off = viewer.see_off();
    });
    const auto start = steady_clock::now();
    CHECK(house.server.stop(ViewerServer::Wait::ForConnectedViewer));
    CHECK(seconds_since(start) > 3.5);
    other.join();
    CHECK(seen_off && viewer.reader().messages.size() == 400);
}

TEST(the_caller_can_end_the_wait) {
    ServerConfig config = quiet();
    config.exit_timeout_seconds = 60;
    House house(config);
    TestViewer viewer(house.port);
    REQUIRE(viewer.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    int asked = 0;
    auto start = steady_clock::now();
    CHECK(!house.server.stop(ViewerServer::Wait::ForConnectedViewer, [&] { return ++asked < 4; }));
    CHECK(seconds_since(start) < 50 && asked >= 4);
    CHECK(!house.server.is_running() && !house.program.is_recording());

    house.port = house.server.start(quiet());
    start = steady_clock::now();
    bool thrown = false;
    try {
        house.server.stop(ViewerServer::Wait::ForAnyViewer, [&]() -> bool {
            if (seconds_since(start) > 0.3) throw base::Error(base::problem<base::ErrorCode::RecordingFailed>("enough"));
            return true;
        });
    } catch (const base::Error&) {
        thrown = true;
    }
    CHECK(thrown && !house.server.is_running());
}

TEST(waiting_for_any_viewer_ends_when_one_has_everything) {
    House house;
    bool seen_off = false;
    std::thread late([&] {
        std::this_thread::sleep_for(milliseconds(200));
        TestViewer unfit(house.port);
        unfit.greet(12);
        TestViewer leaving(house.port);
        leaving.greet(76);
        leaving.close();
        std::this_thread::sleep_for(milliseconds(100));
        TestViewer viewer(house.port);
        seen_off = viewer.greet(76) == 1 && viewer.see_off();
    });
    CHECK(house.server.stop(ViewerServer::Wait::ForAnyViewer));
    late.join();
    CHECK(seen_off && house.program.attaches() == 0);
}

TEST(a_pause_is_not_noticed) {
    House house;
    TestViewer viewer(house.port);
    REQUIRE(viewer.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    for (int round = 0; round < 20; ++round) {
        house.server.pause();
        CHECK(server_has_threads(0));
        CHECK(house.server.is_connected() && house.server.is_running());
        house.zones(10);
        house.server.resume();
    }
    CHECK(viewer.read_until([](StreamReader& reader) { return reader.total_zones() == 200; }));
}

TEST(the_first_free_port_is_taken_and_a_taken_one_is_named) {
    House first, second;
    CHECK(first.port >= ServerConfig::kFirstPort && first.port <= ServerConfig::kLastPort);
    CHECK(second.port > first.port && second.port <= ServerConfig::kLastPort);
    base::Names names;
    SyntheticProgram program(names);
    ViewerServer third(program, names);
    ServerConfig config = quiet();
    config.port = first.port;
    std::string message;
    try {
        third.start(config);
    } catch (const base::SystemError& error) {
        message = error.what();
        CHECK(error.code() == EADDRINUSE);
    }
    CHECK(message.find(std::to_string(first.port)) != std::string::npos);
    CHECK(message.find("first_port=8086 last_port=8105") != std::string::npos);
    CHECK(!third.is_running());

    bool refused = false;
    config.port = 0;
    config.address = "not an address";
    try {
        third.start(config);
    } catch (const base::ValueError&) {
        refused = true;
    }
    CHECK(refused);
    config.address = "203.0.113.7";  // an address, but of no machine
    refused = false;
    try {
        third.start(config);
    } catch (const base::SystemError&) {
        refused = true;
    }
    CHECK(refused && !third.is_running());
    try {
        first.server.start(quiet());
        CHECK(false);
    } catch (const base::Error&) {
        CHECK(first.server.is_running());
    }
}

TEST(only_the_loopback_is_listened_on_unless_asked) {
    for (const char* address : {"", "127.0.0.1", "::1", "localhost"}) {
        CHECK(io::ListenAddresses(address, false).loopback_only());
    }
    CHECK(!io::ListenAddresses("0.0.0.0", false).loopback_only());
    CHECK(!io::ListenAddresses("::", false).loopback_only());
    ServerConfig config = quiet();
    config.address = "::";
    House house(config);
    TestViewer four(house.port, "127.0.0.1");
    CHECK(four.greet(66) == 1);
    four.close();
    CHECK(eventually([&] {
        TestViewer six(house.port, "::1");
        return six.greet(74) == 1;
    }));
}

TEST(announcements_say_where_and_when_not_any_more) {
    std::optional<io::DatagramReceiver> listener;
    try {
        listener.emplace(std::uint16_t{8086});
    } catch (const base::SystemError&) {
        return;  // somebody else listens there
    }
    ServerConfig config = quiet();
    config.announce = true;
    config.announced_protocol = 82;
    config.program_name = "announced " + std::to_string(io::process_id());
    House house(config);
    const auto next = [&] {
        const auto start = steady_clock::now();
        while (seconds_since(start) < 10) {
            const auto datagram = listener->receive();
            if (!datagram) {
                io::Poller poller;
                poller.add(listener->handle(), true, false);
                poller.wait(100);
            } else if (datagram->bytes.size() > 20 && config.program_name == datagram->bytes.c_str() + 20) {
                return datagram->bytes;
            }
        }
        return std::string();
    };
    const auto seconds_of = [](const std::string& datagram) {
        return datagram.size() > 20 ? protocol::get<std::int32_t>(datagram.data() + 16) : -99;
    };
    const auto last_of_those_that_invite = [&] {  // the next may be due before the viewer is there
        int seconds = seconds_of(next());
        while (seconds >= 0) seconds = seconds_of(next());
        return seconds;
    };
    const std::string datagram = next();
    REQUIRE(datagram.size() == 20 + config.program_name.size() + 1);
    CHECK(protocol::get<std::uint16_t>(datagram.data() + 2) == house.port);
    CHECK(protocol::get<std::uint32_t>(datagram.data() + 4) == 82);
    CHECK(seconds_of(datagram) >= 0 && seconds_of(datagram) < 20);
    CHECK(seconds_of(next()) >= seconds_of(datagram) + 2);
    {
        TestViewer viewer(house.port);
        CHECK(viewer.greet(76) == 1);
        CHECK(last_of_those_that_invite() == -1);  // nobody else can connect now
    }
    CHECK(seconds_of(next()) >= 0);
    house.server.stop(ViewerServer::Wait::ForConnectedViewer);
    CHECK(last_of_those_that_invite() == -1);
}

}  // namespace
}  // namespace tracypy::native_tests
