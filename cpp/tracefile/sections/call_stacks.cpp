// The calls that were running when something happened, and the frames that they name. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write(Output& file) {
    file.empty_lists(2);  // stacks, frames
}

void read(Input& file) {
    const std::uint64_t stacks = file.count();
    for (std::uint64_t i = 0; i < stacks; ++i) file.in.skip(file.get<std::uint16_t>(), 8);
    const std::uint64_t frames = file.count();
    for (std::uint64_t i = 0; i < frames; ++i) {
        file.in.skip(8);
        const auto lines = file.get<std::uint8_t>();
        file.in.skip(kIndex24Bytes);
        file.in.skip(lines, 2 * kIndex24Bytes + 4 + 8);
    }
    file.skipped("call stacks", stacks);
}

}  // namespace

const Section kCallStacks{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
