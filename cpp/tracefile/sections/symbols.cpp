// Functions of the machine code, and that code. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write(Output& file) {
    file.empty_lists(3);  // symbols: how many have an address, are inlined; all
    file.empty_lists(2);  // machine code, symbol of each code address
}

void read(Input& file) {
    file.in.skip(2 * 8);
    const std::uint64_t symbols = file.skip_list(8 + 4 * kIndex24Bytes + 2 * 4 + 1 + kIndex24Bytes);
    const std::uint64_t codes = file.count();
    for (std::uint64_t i = 0; i < codes; ++i) {
        file.in.skip(8);
        file.in.skip(file.get<std::uint32_t>());
    }
    file.skip_list(8 + 8);
    file.skipped("symbols", symbols);
}

}  // namespace

const Section kSymbols{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
