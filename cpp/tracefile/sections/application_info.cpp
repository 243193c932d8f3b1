// Lines that the program says about itself. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write(Output& file) {
    file.count(0);
}

void read(Input& file) {
    file.skipped("lines of application information", file.skip_list(kReferenceBytes));
}

}  // namespace

const Section kApplicationInfo{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
