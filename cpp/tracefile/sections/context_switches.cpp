// When threads ran, by thread and by processor; what process each is of. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr Version kWakeupProcessor{0, 11, 3};

constexpr int kProcessors = 256;  // always so many lists

void write(Output& file) {
    file.count(0);  // by thread
    file.count(0);  // by processor: a total, then the lists
    file.empty_lists(kProcessors);
    file.empty_lists(2);  // process of each thread, processor time of each thread
}

void read(Input& file) {
    std::uint64_t entries = 0;
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) {
        file.in.skip(8);
        entries += file.skip_list(3 * kTimeBytes + 3 + 8 + (file.since(kWakeupProcessor) ? 1 : 0));
    }
    file.in.skip(8);
    for (int processor = 0; processor < kProcessors; ++processor) file.skip_list(2 * kTimeBytes + 2);
    file.skip_list(8 + 8);          // process of each thread
    file.skip_list(8 + 8 + 4 + 4);  // thread: running time, regions, migrations
    file.skipped("context switches", entries);
}

}  // namespace

const Section kContextSwitches{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
