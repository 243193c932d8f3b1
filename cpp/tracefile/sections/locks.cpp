// Locks, and who waited for and held them. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write(Output& file) {
    file.count(0);
}

void read(Input& file) {
    const std::uint64_t locks = file.count();
    for (std::uint64_t i = 0; i < locks; ++i) {
        // number, name, location, type, valid or not, announced, terminated
        file.in.skip(4 + kIndex24Bytes + 2 + 1 + 1 + 2 * kTimeBytes);
        file.skip_list(8);                       // threads
        file.skip_list(kTimeBytes + 2 + 1 + 1);  // events
    }
    file.skipped("locks", locks);
}

}  // namespace

const Section kLocks{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
