// The text of source files. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write(Output& file) {
    file.count(0);
}

void read(Input& file) {
    const std::uint64_t files = file.count();
    for (std::uint64_t i = 0; i < files; ++i) {
        file.in.skip(file.get<std::uint32_t>());  // name
        file.in.skip(file.get<std::uint32_t>());  // text
    }
    file.skipped("source files", files);
}

}  // namespace

const Section kSourceFiles{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
