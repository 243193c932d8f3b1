// How the program crashed, zeros if it did not. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr std::size_t kBytes = 28;

void write(Output& file) {
    file.out.put_bytes(std::string(kBytes, '\0'));
}

void read(Input& file) {
    file.in.skip(kBytes);
}

}  // namespace

const Section kCrash{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
