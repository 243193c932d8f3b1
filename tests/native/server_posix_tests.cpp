// ViewerServer and what only POSIX has: forks and signals.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include "check.hpp"
#include "house.hpp"
#include "test_viewer.hpp"

namespace tracypy::native_tests {
namespace {

using drivers::ViewerServer;
using protocol::QueryKind;
using std::chrono::milliseconds;

int run_child(House& house) {
    house.server.forget_after_fork();
    if (house.server.is_running() || house.server.is_connected()) return 1;
    const std::uint16_t port = house.server.start(quiet());
    if (port == house.port) return 2;
    TestViewer viewer(port);
    if (viewer.greet(82) != 1 || !house.server.wait_connected(milliseconds(20'000))) return 3;
    house.zones(7);
    if (!viewer.read_until([](StreamReader& reader) { return reader.total_zones() == 7; })) return 4;
    viewer.ask(QueryKind::Terminate, 0);
    if (!viewer.sees_end()) return 5;
    return house.server.stop(ViewerServer::Wait::ForConnectedViewer) ? 0 : 6;
}

TEST(a_forked_child_starts_afresh_and_the_parents_viewer_stays) {
#if defined(__SANITIZE_THREAD__)
    return;  // it allows no new threads in a child
#endif
    House house;
    TestViewer viewer(house.port);
    REQUIRE(viewer.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    for (const bool with_pause : {true, false}) {
        if (with_pause) house.server.pause();
        const pid_t child = ::fork();
        if (child == 0) {
            const int failed = failures();
            const int result = run_child(house);
            ::_exit(failures() != failed ? 9 : result);
        }
        if (with_pause) house.server.resume();
        int status = 0;
        ::waitpid(child, &status, 0);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        house.zones(10);
        const std::size_t expected = with_pause ? 10 : 20;
        CHECK(viewer.read_until([&](StreamReader& reader) { return reader.total_zones() == expected; }));
    }
}

TEST(a_fork_is_possible_while_another_thread_waits_in_stop) {
    House house;
    TestViewer viewer(house.port);
    REQUIRE(viewer.greet(76) == 1 && house.server.wait_connected(milliseconds(20'000)));
    bool delivered = false;
    std::thread stopping([&] { delivered = house.server.stop(ViewerServer::Wait::ForConnectedViewer); });
    std::this_thread::sleep_for(milliseconds(200));
    house.server.pause();
    const pid_t child = ::fork();
    if (child == 0) {
        house.server.forget_after_fork();
        ::_exit(house.server.is_running() ? 1 : 0);
    }
    house.server.resume();
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    CHECK(viewer.see_off());
    stopping.join();
    CHECK(delivered);
}

std::atomic<int> g_signals{0};

TEST(signals_are_left_to_the_program) {
    struct sigaction action{};
    action.sa_handler = [](int) { ++g_signals; };
    struct sigaction before{};
    ::sigaction(SIGUSR1, &action, &before);
    House house;
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &blocked, &old);
    ::kill(::getpid(), SIGUSR1);
    std::this_thread::sleep_for(milliseconds(100));
    CHECK(g_signals == 0);  // the server's thread did not take it
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    CHECK(g_signals == 1);
    ::sigaction(SIGUSR1, &before, nullptr);
}

}  // namespace
}  // namespace tracypy::native_tests
