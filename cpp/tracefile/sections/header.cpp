// What is known about the recording as a whole.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr Version kOnDemandFlag{0, 9, 2};
constexpr Version kNoDelay{0, 12, 3};  // of one event; until then the first field

/// Viewers read these three texts into 1,024 bytes without a check.
constexpr std::size_t kMaxText = 1023;

std::string_view cut(const std::string& text) {
    return std::string_view(text).substr(0, kMaxText);
}

void write_header(Output& file) {
    const model::TraceInfo& info = file.trace.info;
    const base::ProgramFacts& program = info.program;
    if (!file.since(kNoDelay)) file.put(std::int64_t{0});  // unknown
    file.put(info.resolution_ns);
    file.put(info.ns_per_tick);
    file.put(info.last_time_ns);
    file.put(info.frame_offset);
    file.put(program.process_id);
    file.put(info.sampling_period_ns);
    file.put(program.processor.architecture);
    file.put(program.processor.id);
    file.out.put_bytes({program.processor.manufacturer.data(), program.processor.manufacturer.size()});
    file.flag(info.is_on_demand);
    file.text(cut(info.capture_name));
    file.text(cut(program.name));
    file.put(info.capture_time_s);
    file.put(program.executable_time_s);
    file.text(cut(program.host));
}

void read_header(Input& file) {
    model::TraceInfo& info = file.trace().info;
    base::ProgramFacts& program = info.program;
    if (!file.since(kNoDelay)) file.in.skip(8);
    info.resolution_ns = file.get<std::int64_t>();
    info.ns_per_tick = file.get<double>();
    info.last_time_ns = file.get<std::int64_t>();
    info.frame_offset = file.get<std::uint64_t>();
    program.process_id = file.get<std::uint64_t>();
    info.sampling_period_ns = file.get<std::int64_t>();
    program.processor.architecture = file.get<base::Processor::Architecture>();
    program.processor.id = file.get<std::uint32_t>();
    file.in.get_bytes(program.processor.manufacturer.data(), program.processor.manufacturer.size());
    info.is_on_demand = file.since(kOnDemandFlag) ? file.flag() : info.frame_offset != 0;
    info.capture_name = file.text();
    program.name = file.text();
    info.capture_time_s = file.get<std::uint64_t>();
    program.executable_time_s = file.get<std::uint64_t>();
    program.host = file.text();
}

}  // namespace

const Section kHeader{.write = write_header, .read = read_header};

}  // namespace tracypy::tracefile::sections
