// Local sockets, by which a family of processes finds its root.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include "check.hpp"
#include "io/local_channel.hpp"

namespace tracypy::native_tests {
namespace {

#if !defined(_WIN32)

TEST(listeners_that_begin_at_once_do_not_take_each_other_for_left_behind) {
    constexpr int kTimes = 2'000;
    std::array<int, 4> opened{};
    std::array<std::string, 4> problems;
    std::array<std::thread, 4> threads;
    for (std::size_t which = 0; which < threads.size(); ++which) {
        threads[which] = std::thread([&, which] {
            for (int i = 0; i < kTimes; ++i) {
                io::LocalListener listener;
                const std::string problem = listener.open();
                if (problem.empty() && io::connect_local(listener.path()).valid()) {
                    ++opened[which];
                } else {
                    problems[which] = problem.empty() ? "nobody can connect" : problem;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (std::size_t which = 0; which < threads.size(); ++which) {
        CHECK(problems[which] == std::string());
        CHECK(opened[which] == kTimes);
    }
}

#endif

}  // namespace
}  // namespace tracypy::native_tests
