#include "drivers/host_facts.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
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

protocol::CpuArchitecture to_wire(io::Processor::Architecture architecture) noexcept {
    using Architecture = io::Processor::Architecture;
    switch (architecture) {
        case Architecture::X86:
            return protocol::CpuArchitecture::X86;
        case Architecture::X64:
            return protocol::CpuArchitecture::X64;
        case Architecture::Arm32:
            return protocol::CpuArchitecture::Arm32;
        case Architecture::Arm64:
            return protocol::CpuArchitecture::Arm64;
        case Architecture::Unknown:
            break;
    }
    return protocol::CpuArchitecture::Unknown;
}

}  // namespace

protocol::ProgramFacts gather_facts(const ServerConfig& config, std::uint64_t epoch_seconds) {
    protocol::ProgramFacts facts;
    facts.program_name = config.program_name;
    facts.host_info = config.host_info;
    facts.nanoseconds_per_tick = base::tick_scale().nanoseconds_per_tick();
    facts.first_tick = base::tick_scale().start().ticks;
    facts.resolution_ticks = measure_resolution();
    facts.epoch_seconds = epoch_seconds;
    facts.process_id = io::process_id();
    const io::Processor processor = io::this_processor();
    facts.cpu_architecture = to_wire(processor.architecture);
    facts.cpu_id = processor.id;
    std::memcpy(facts.cpu_manufacturer, processor.manufacturer, sizeof(facts.cpu_manufacturer));
    return facts;
}

std::string capture_name(const std::string& program_name, std::uint64_t epoch_seconds) {
    return program_name + " @ " + io::local_time(epoch_seconds);
}

model::TraceInfo gather_trace_info(const std::string& program_name, const std::string& host_info) {
    model::TraceInfo info;
    info.capture_time_s = base::unix_seconds();
    info.capture_name = capture_name(program_name, info.capture_time_s);
    info.program = program_name;
    info.host = host_info;
    info.process_id = io::process_id();
    info.resolution_ns = resolution_ns();
    const io::Processor processor = io::this_processor();
    info.cpu_architecture = static_cast<std::uint8_t>(to_wire(processor.architecture));
    info.cpu_id = processor.id;
    std::copy_n(processor.manufacturer, info.cpu_manufacturer.size(), info.cpu_manufacturer.begin());
    return info;
}

}  // namespace tracypy::drivers
