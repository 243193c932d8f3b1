// Which processors there were: packages, dies, cores, their threads. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr Version kDies{0, 11, 2};  // between package and core

void write(Output& file) {
    file.count(0);
}

void skip_cores(Input& file) {
    const std::uint64_t cores = file.count();
    for (std::uint64_t i = 0; i < cores; ++i) {
        file.in.skip(4);
        file.skip_list(4);
    }
}

void read(Input& file) {
    const std::uint64_t packages = file.count();
    for (std::uint64_t i = 0; i < packages; ++i) {
        file.in.skip(4);
        if (!file.since(kDies)) {
            skip_cores(file);
            continue;
        }
        const std::uint64_t dies = file.count();
        for (std::uint64_t die = 0; die < dies; ++die) {
            file.in.skip(4);
            skip_cores(file);
        }
    }
}

}  // namespace

const Section kTopology{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
