// Runs all tests, or those whose names contain the first argument; with a second one, the log is shown.
// The exit status is 0 when all held, 1 when one failed, and 2 when there is no test of that name.
#include <cstring>

#include "base/log.hpp"
#include "check.hpp"

int main(int argc, char** argv) {
    using namespace tracypy::native_tests;
    tracypy::base::set_log_level(argc > 2 ? tracypy::base::LogLevel::Info : tracypy::base::LogLevel::Off);
    int ran = 0;
    for (const Test& test : tests()) {
        if (argc > 1 && std::strstr(test.name, argv[1]) == nullptr) continue;
        const int before = failures();
        test.run();
        ++ran;
        if (failures() != before) std::fprintf(stderr, "FAILED %s\n", test.name);
    }
    if (ran == 0) return 2;
    std::printf("%d tests, %d failures\n", ran, failures());
    return failures() == 0 ? 0 : 1;
}
