// What the processor counted, by address. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr int kKinds = 6;

void write(Output& file) {
    file.count(0);
}

void read(Input& file) {
    const std::uint64_t addresses = file.count();
    for (std::uint64_t i = 0; i < addresses; ++i) {
        file.in.skip(8);
        for (int kind = 0; kind < kKinds; ++kind) file.skip_list(kTimeBytes);
    }
    file.skipped("hardware samples", addresses);
}

}  // namespace

const Section kHardwareSamples{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
