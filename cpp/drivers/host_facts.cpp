#include "drivers/host_facts.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "base/clock.hpp"
#include "io/local_time.hpp"
#include "io/machine.hpp"
#include "io/process.hpp"

namespace tracypy::drivers {
namespace {

/// The smallest step between two readings of the clock.
std::uint64_t measure_resolution() noexcept {
    base::Ticks smallest = std::numeric_limits<base::Ticks>::max();
    for (int i = 0; i < 200; ++i) {
        const base::Ticks before = base::now_ticks();
        const base::Ticks step = base::now_ticks() - before;
        if (step > 0) smallest = std::min(smallest, step);
    }
    return smallest == std::numeric_limits<base::Ticks>::max() ? 1 : static_cast<std::uint64_t>(smallest);
}

/// The same in nanoseconds. Not by the scale of the process: that would wait until it is exact, and this need not be.
std::int64_t resolution_ns() noexcept {
    const base::ClockReading begin = base::read_clock();
    const std::uint64_t resolution = measure_resolution();
    const base::ClockReading end = base::read_clock();
    const auto ticks = static_cast<double>(std::max<base::Ticks>(end.ticks - begin.ticks, 1));
    const auto nanoseconds = static_cast<double>(end.nanoseconds - begin.nanoseconds);
    return std::llround(static_cast<double>(resolution) * nanoseconds / ticks);
}

base::ProgramFacts gather_program(const std::string& name, const std::string& host) {
    return {.name = name, .host = host, .process_id = io::process_id(), .processor = io::this_processor()};
}

/// As base::unix_seconds().
std::int64_t unix_ns() noexcept {
    using namespace std::chrono;
    return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

}  // namespace

protocol::Welcome gather_welcome(const ServerConfig& config, std::uint64_t epoch_seconds) {
    protocol::Welcome said;
    said.program = gather_program(config.program_name, config.host_info);
    said.nanoseconds_per_tick = base::tick_scale().nanoseconds_per_tick();
    said.first_tick = base::tick_scale().start().ticks;
    said.resolution_ticks = measure_resolution();
    said.epoch_seconds = epoch_seconds;
    return said;
}

std::string capture_name(const std::string& program_name, std::uint64_t epoch_seconds) {
    return program_name + " @ " + io::local_time(epoch_seconds);
}

std::string counter_identity(bool is_processors) {
    const std::string machine = io::machine_identity();
    return machine.empty() ? machine : machine + (is_processors ? "/counter" : "/nanoseconds");
}

model::TraceInfo gather_trace_info(const std::string& program_name, const std::string& host_info) {
    model::TraceInfo info;
    info.program = gather_program(program_name, host_info);
    info.capture_time_s = base::unix_seconds();
    info.capture_name = capture_name(program_name, info.capture_time_s);
    info.resolution_ns = resolution_ns();
    info.clock = {.machine = counter_identity(base::has_counter_clock()), .start = 0, .unix_ns = unix_ns()};
    return info;
}

}  // namespace tracypy::drivers
