// When fibers and threads ran, by thread and by processor; what process each is of. Only runs of fibers are kept.
#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr Version kWakeupProcessor{0, 11, 3};

constexpr int kProcessors = 256;  // always so many lists

// Why a switch was made.
constexpr std::int8_t kFiber = 99, kNoState = -1;

void write_run(Output& file, const model::FiberRun& run, std::int64_t& reference) {
    file.time(reference, run.start_ns);  // when it was woken
    file.time(reference, run.start_ns);
    file.time(reference, run.end_ns);
    file.put(std::uint8_t{0});  // processor
    file.put(kFiber);
    file.put(kNoState);
    file.put(run.carrier);
    if (file.since(kWakeupProcessor)) file.put(std::uint8_t{0});
}

void write(Output& file) {
    std::uint64_t fibers = 0;
    for (const model::Thread& thread : file.trace.threads) fibers += thread.runs.empty() ? 0 : 1;
    file.count(fibers);
    for (const model::Thread& thread : file.trace.threads) {
        if (thread.runs.empty()) continue;
        file.put(thread.id);
        file.count(thread.runs.size());
        std::int64_t reference = 0;
        for (const model::FiberRun& run : thread.runs) write_run(file, run, reference);
    }
    file.count(0);  // by processor: a total, then the lists
    file.empty_lists(kProcessors);
    file.empty_lists(2);  // process of each thread, processor time of each thread
}

void read_run(Input& file, std::uint64_t& reference, model::Thread& fiber) {
    file.time(reference);  // when it was woken
    const std::int64_t start = file.time(reference);
    const std::int64_t end = file.time(reference);
    file.in.skip(3);  // processor, why, state
    fiber.runs.push_back({start, end, file.get<std::uint64_t>()});
    if (file.since(kWakeupProcessor)) file.in.skip(1);
}

model::Thread* find_fiber(Input& file, std::uint64_t id) {
    for (model::Thread& thread : file.trace().threads) {
        if (thread.id == id && thread.is_fiber) return &thread;
    }
    return nullptr;
}

/// Returns how many entries were passed over.
std::uint64_t read_thread(Input& file) {
    model::Thread* const fiber = find_fiber(file, file.get<std::uint64_t>());
    if (fiber == nullptr) return file.skip_list(3 * kTimeBytes + 3 + 8 + (file.since(kWakeupProcessor) ? 1 : 0));
    const std::uint64_t runs = file.count();
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < runs; ++i) read_run(file, reference, *fiber);
    return 0;
}

void read(Input& file) {
    std::uint64_t entries = 0;
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) entries += read_thread(file);
    file.in.skip(8);
    for (int processor = 0; processor < kProcessors; ++processor) file.skip_list(2 * kTimeBytes + 2);
    file.skip_list(8 + 8);          // process of each thread
    file.skip_list(8 + 8 + 4 + 4);  // thread: running time, regions, migrations
    file.skipped("context switches", entries);
}

}  // namespace

const Section kContextSwitches{.write = write, .read = read};

}  // namespace tracypy::tracefile::sections
