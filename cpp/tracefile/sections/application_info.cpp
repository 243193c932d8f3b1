// Lines that the program says about itself.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write_application_info(Output& file) {
    file.count(file.trace.app_info.size());
    for (const model::TextId line : file.trace.app_info) file.reference(line);
}

void read_application_info(Input& file) {
    const std::uint64_t count = file.count();
    for (std::uint64_t i = 0; i < count; ++i) file.trace().app_info.push_back(file.reference());
}

}  // namespace

const Section kApplicationInfo{.write = write_application_info, .read = read_application_info};

}  // namespace tracypy::tracefile::sections
