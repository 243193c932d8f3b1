// Serves a scene of known counts to a real viewer:
//
//     serve_scene PORT [fib=20] [locations=0] [threads=2] [seconds=0] [open=3]
//
// Prints what it made as "name count" lines, once a viewer has had everything.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <thread>

#include "base/log.hpp"
#include "drivers/viewer_server.hpp"
#include "synthetic_program.hpp"

using namespace tracypy;
using events::FrameMark;
using events::FrameMarkKind;
using events::Kind;
using native_tests::SyntheticProgram;

namespace {

constexpr base::ThreadId kMain{1000};

std::map<std::string, long> made;

void zone(SyntheticProgram& program, base::ThreadId thread, const char* name) {
    program.begin(thread, program.location(name));
    ++made[std::string("zone ") + name];
}

int fib(SyntheticProgram& program, base::SourceLocationId location, int n) {
    program.begin(kMain, location);
    ++made["zone fib"];
    const int result = n < 2 ? n : fib(program, location, n - 1) + fib(program, location, n - 2);
    program.end(kMain);
    return result;
}

void decorated_zones(SyntheticProgram& program) {
    for (int i = 0; i < 10; ++i) {
        zone(program, kMain, "with text");
        program.text(kMain, "text " + std::to_string(i));
        program.value(kMain, static_cast<std::uint64_t>(i));
        program.color(kMain, 0x102030);
        program.end(kMain);
        zone(program, kMain, "renamed");
        program.name(kMain, "new name, ünïcode");
        program.end(kMain);
    }
    for (const std::size_t bytes : {0, 255, 256, 257, 65'535, 70'000}) {
        zone(program, kMain, "long text");
        program.text(kMain, std::string(bytes, 'x'));
        program.end(kMain);
        program.message(kMain, std::string(bytes, 'm'), 0);
        ++made["messages"];
    }
    for (int i = 0; i < 20; ++i) {
        program.message(kMain, "message " + std::to_string(i), i % 2 == 0 ? 0 : 0xFF8000);
        ++made["messages"];
    }
}

void frames(SyntheticProgram& program) {
    for (int i = 0; i < 50; ++i) {
        program.frame(FrameMarkKind::Continuous, "");
        ++made["frames"];
        if (i % 2 == 0) program.frame(FrameMarkKind::Continuous, "physics");
        program.frame(FrameMarkKind::Start, "batch");
        program.frame(FrameMarkKind::End, "batch");
    }
    program.frame(FrameMarkKind::End, "never started");
    program.frame(FrameMarkKind::Start, "physics");
    program.frame(FrameMarkKind::Continuous, "batch");
    program.frame(FrameMarkKind::End, "batch");
    program.frame(FrameMarkKind::Start, "batch");
    program.frame(FrameMarkKind::Start, "batch");
}

void worker(SyntheticProgram& program, base::ThreadId thread, base::SourceLocationId location, double seconds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    do {
        program.begin(thread, location);
        std::this_thread::sleep_for(std::chrono::microseconds(50));
        program.end(thread);
    } while (std::chrono::steady_clock::now() < end);
}

}  // namespace

int main(int argc, char** argv) {
    std::map<std::string, double> options{{"fib", 20}, {"locations", 0}, {"threads", 2}, {"seconds", 0}, {"open", 3}};
    for (int i = 2; i < argc; ++i) {
        const char* const equals = std::strchr(argv[i], '=');
        if (equals != nullptr)
            options[std::string(argv[i], static_cast<std::size_t>(equals - argv[i]))] = std::atof(equals + 1);
    }
    base::set_log_level(base::LogLevel::Info);
    base::Names& names = base::names();
    names.threads.set(kMain, "MainThread");
    SyntheticProgram program(names);
    for (int i = 0; i < 7; ++i) program.frame(FrameMarkKind::Continuous, "");

    drivers::ViewerServer server(program);
    drivers::ServerConfig config;
    config.port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
    config.program_name = "serve_scene";
    config.host_info = "a scene of known counts";
    std::fprintf(stderr, "port %d\n", server.start(config));
    while (!server.wait_connected(std::chrono::milliseconds(100))) {
    }

    for (int i = 0; i < static_cast<int>(options["open"]); ++i) zone(program, kMain, "left open");
    fib(program, program.location("fib"), static_cast<int>(options["fib"]));
    decorated_zones(program);
    frames(program);
    for (int i = 0; i < static_cast<int>(options["locations"]); ++i) {
        program.begin(kMain, program.location("generated", static_cast<std::uint32_t>(i + 10)));
        program.end(kMain);
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < static_cast<int>(options["threads"]); ++i) {
        const auto id = static_cast<base::ThreadId>(2000 + i);
        names.threads.set(id, "wörker " + std::to_string(i));
        threads.emplace_back(worker, std::ref(program), id, program.location("work"), options["seconds"]);
    }
    for (std::thread& thread : threads) thread.join();

    const bool delivered = server.stop(drivers::ViewerServer::Wait::ForConnectedViewer);
    for (const auto& [what, count] : made) std::printf("%s %ld\n", what.c_str(), count);
    std::printf("delivered %d\n", delivered ? 1 : 0);
    return delivered ? 0 : 1;
}
