// Allocations, by pool. Not kept.
#include <limits>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

// A viewer takes the default pool for granted: it must be there, if empty.
void write(Output& file) {
    file.count(1);                                        // pools
    file.count(0);                                        // events of all pools
    file.put(std::uint64_t{0});                           // the default pool
    file.empty_lists(3);                                  // events, active ones, frees
    file.put(std::uint64_t{0});                           // highest address
    file.put(std::numeric_limits<std::uint64_t>::max());  // lowest
    file.put(std::uint64_t{0});                           // bytes in use
    file.put(std::uint64_t{0});                           // name
}

void read(Input& file) {
    const std::uint64_t pools = file.count();
    const std::uint64_t entries = file.count();
    for (std::uint64_t i = 0; i < pools; ++i) {
        file.in.skip(8);  // name
        const std::uint64_t events = file.count();
        file.in.skip(2 * 8);  // active, frees
        file.in.skip(events, 8 + 8 + 2 * kIndex24Bytes + 2 * kTimeBytes + 2 * 2);
        file.in.skip(4 * 8);  // highest, lowest, in use, name
    }
    file.skipped("memory events", entries);
}

}  // namespace

const Section kMemory{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
