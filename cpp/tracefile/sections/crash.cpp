// How the program crashed, zeros if it did not.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

void write_crash(Output& file) {
    const model::Crash& crash = file.trace.crash;
    file.put(crash.thread);
    file.put(crash.time_ns);
    file.pointer(crash.message);
    file.put(crash.callstack);
}

void read_crash(Input& file) {
    model::Crash& crash = file.trace().crash;
    crash.thread = file.get<std::uint64_t>();
    crash.time_ns = file.get<std::int64_t>();
    file.crash_message = file.get<std::uint64_t>();
    crash.callstack = file.get<std::uint32_t>();
}

void finish_crash(Input& file) {
    file.trace().crash.message = Names::find(file.names.pointers, file.crash_message);
    file.kept("crash", file.trace().crash.thread == 0 ? 0 : 1);
}

}  // namespace

const Section kCrash{.write = write_crash, .read = read_crash, .finish = finish_crash};

}  // namespace tracypy::tracefile::sections
