// What ran on graphics processors. Not kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// Names of a context's notes, their values; and each zone has the number of its query.
constexpr Version kNotes{0, 12, 4};

void write(Output& file) {
    file.empty_lists(3);  // zones, how many have children, contexts
}

void skip_timeline(Input& file) {
    // two times, location, call stack, thread, children, the children, two times, the number of the query
    const std::size_t tail = 2 * kTimeBytes + (file.since(kNotes) ? 2 : 0);
    std::vector<std::uint64_t> left{file.count()};
    while (!left.empty()) {
        if (left.back() == 0) {
            left.pop_back();
            if (!left.empty()) file.in.skip(tail);
            continue;
        }
        --left.back();
        file.in.skip(2 * kTimeBytes + 2 + kIndex24Bytes + 2);
        left.push_back(file.count());
    }
}

void skip_notes(Input& file) {
    const std::uint64_t queries = file.count();
    for (std::uint64_t i = 0; i < queries; ++i) {
        file.in.skip(2);
        file.skip_list(8 + 8);
    }
}

void skip_context(Input& file) {
    file.in.skip(8 + 1 + 8 + 4 + 1 + kIndex24Bytes + 8);  // thread, calibration, zones, period, type, name, overflow
    if (file.since(kNotes)) file.skip_list(8 + kIndex24Bytes);
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) {
        file.in.skip(8);
        skip_timeline(file);
    }
    if (file.since(kNotes)) skip_notes(file);
}

void read(Input& file) {
    const std::uint64_t zones = file.count();
    file.in.skip(8);  // how many have children
    const std::uint64_t contexts = file.count();
    for (std::uint64_t i = 0; i < contexts; ++i) skip_context(file);
    file.skipped("GPU zones", zones);
}

}  // namespace

const Section kGpuZones{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
