// What the tests of the server have in common.
#pragma once

#include <chrono>
#include <cstdint>
#include <thread>

#include "drivers/viewer_server.hpp"
#include "synthetic_program.hpp"

namespace tracypy::native_tests {

inline constexpr base::ThreadId kThread{500};

inline double seconds_since(std::chrono::steady_clock::time_point start) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <typename Condition>
bool eventually(Condition condition, double seconds = 60) {
    const auto start = std::chrono::steady_clock::now();
    while (!condition()) {
        if (seconds_since(start) > seconds) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return true;
}

inline drivers::ServerConfig quiet() {
    drivers::ServerConfig config;
    config.announce = false;
    config.program_name = "native tests";
    config.exit_timeout_seconds = 60;
    return config;
}

/// A program and its server, which listens.
struct House {
    explicit House(drivers::ServerConfig config = quiet()) { port = server.start(config); }
    void zones(int count) {
        const auto location = program.location("f");
        for (int i = 0; i < count; ++i) {
            program.begin(kThread, location);
            program.end(kThread);
        }
    }

    base::Names names;
    SyntheticProgram program{names};
    drivers::ViewerServer server{program, names};
    std::uint16_t port;
};

}  // namespace tracypy::native_tests
