// What the processor counted, by address.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write_hardware_samples(Output& file) {
    file.count(file.trace.hardware_samples.size());
    for (const model::HardwareSamples& samples : file.trace.hardware_samples) {
        file.put(samples.address);
        for (const std::vector<std::int64_t>& times : samples.times_ns) {
            file.count(times.size());
            std::int64_t reference = 0;
            for (const std::int64_t time : times) file.time(reference, time);
        }
    }
}

void read_hardware_samples(Input& file) {
    const std::uint64_t addresses = file.count();
    for (std::uint64_t i = 0; i < addresses; ++i) {
        model::HardwareSamples& samples = file.trace().hardware_samples.emplace_back();
        samples.address = file.get<std::uint64_t>();
        for (std::vector<std::int64_t>& times : samples.times_ns) {
            const std::uint64_t count = file.count();
            std::uint64_t reference = 0;
            for (std::uint64_t time = 0; time < count; ++time) times.push_back(file.time(reference));
        }
    }
    file.kept("hardware samples", addresses);
}

}  // namespace

const Section kHardwareSamples{.write = write_hardware_samples, .read = read_hardware_samples};

}  // namespace tracypy::tracefile::sections
