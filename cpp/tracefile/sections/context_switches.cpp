// When fibers and threads ran, by thread and by processor; what process each is of.
#include <algorithm>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

using model::ContextSwitch;

constexpr Version kWakeupProcessor{0, 11, 3};

// Why a switch was made.
constexpr std::int8_t kFiber = 99, kNoState = -1;

/// Which processors have woken threads is told.
bool has_wakers(const model::Trace& trace) {
    const auto is_told = [](const ContextSwitch& one) { return one.woken_processor != 0; };
    const auto any_told = [&](const model::ThreadSwitches& thread) {
        return std::ranges::any_of(thread.switches, is_told);
    };
    return std::ranges::any_of(trace.switches.threads, any_told);
}

Version oldest_for_context_switches(const model::Trace& trace) {
    return has_wakers(trace) ? kWakeupProcessor : kOldestWritten;
}

ContextSwitch switch_of(const model::FiberRun& run) {
    ContextSwitch one{.woken_ns = run.start_ns, .begin_ns = run.start_ns, .end_ns = run.end_ns};
    one.thread = run.carrier;
    one.reason = kFiber;
    one.state = kNoState;
    return one;
}

void write_switch(Output& file, const ContextSwitch& one, std::int64_t& reference, std::uint8_t waker) {
    file.time(reference, one.woken_ns);
    file.time(reference, one.begin_ns);
    file.time(reference, one.end_ns);
    file.put(one.processor);
    file.put(one.reason);
    file.put(one.state);
    file.put(one.thread);
    if (file.since(kWakeupProcessor)) file.put(waker);
}

void write_switching_threads(Output& file) {
    const std::vector<model::ThreadSwitches>& threads = file.trace.switches.threads;
    std::uint64_t fibers = 0;
    for (const model::Thread& thread : file.trace.threads) fibers += thread.runs.empty() ? 0 : 1;
    file.count(fibers + threads.size());
    for (const model::Thread& thread : file.trace.threads) {
        if (thread.runs.empty()) continue;
        file.put(thread.id);
        file.count(thread.runs.size());
        std::int64_t reference = 0;
        for (const model::FiberRun& run : thread.runs) write_switch(file, switch_of(run), reference, 0);
    }
    // Clients before 0.12 do not tell who wakes: viewers take it to be the processor that runs the thread.
    const bool is_told = has_wakers(file.trace);
    for (const model::ThreadSwitches& thread : threads) {
        file.put(thread.thread);
        file.count(thread.switches.size());
        std::int64_t reference = 0;
        for (const ContextSwitch& one : thread.switches) {
            write_switch(file, one, reference, is_told ? one.woken_processor : one.processor);
        }
    }
}

void write_processors(Output& file) {
    std::uint64_t total = 0;
    for (const auto& runs : file.trace.switches.processors) total += runs.size();
    file.count(total);
    for (const std::vector<model::ProcessorRun>& runs : file.trace.switches.processors) {
        file.count(runs.size());
        std::int64_t reference = 0;
        for (const model::ProcessorRun& run : runs) {
            file.time(reference, run.begin_ns);
            file.time(reference, run.end_ns);
            file.put(file.foreign_threads.at(run.thread));
        }
    }
}

void write_context_switches(Output& file) {
    const model::Switches& switches = file.trace.switches;
    write_switching_threads(file);
    write_processors(file);
    file.count(switches.processes.size());
    for (const model::ThreadProcess& thread : switches.processes) {
        file.put(thread.thread);
        file.put(thread.process);
    }
    file.count(switches.times.size());
    for (const model::ThreadTime& thread : switches.times) {
        file.put(thread.thread);
        file.put(thread.running_ns);
        file.put(thread.runs);
        file.put(thread.migrations);
    }
}

ContextSwitch read_switch(Input& file, std::uint64_t& reference) {
    ContextSwitch one{.woken_ns = file.time(reference)};
    one.begin_ns = file.time(reference);
    one.end_ns = file.time(reference);
    one.processor = file.get<std::uint8_t>();
    one.reason = file.get<std::int8_t>();
    one.state = file.get<std::int8_t>();
    one.thread = file.get<std::uint64_t>();
    if (file.since(kWakeupProcessor)) one.woken_processor = file.get<std::uint8_t>();
    return one;
}

model::Thread* find_fiber(Input& file, std::uint64_t id) {
    for (model::Thread& thread : file.trace().threads) {
        if (thread.id == id && thread.is_fiber) return &thread;
    }
    return nullptr;
}

/// Returns how many entries are of a thread.
std::uint64_t read_thread(Input& file) {
    const auto id = file.get<std::uint64_t>();
    const std::uint64_t count = file.count();
    std::uint64_t reference = 0;
    if (model::Thread* const fiber = find_fiber(file, id)) {
        for (std::uint64_t i = 0; i < count; ++i) {
            const ContextSwitch one = read_switch(file, reference);
            fiber->runs.push_back({one.begin_ns, one.end_ns, one.thread});
        }
        return 0;
    }
    model::ThreadSwitches& thread = file.trace().switches.threads.emplace_back();
    thread.thread = id;
    for (std::uint64_t i = 0; i < count; ++i) thread.switches.push_back(read_switch(file, reference));
    return count;
}

void read_processor(Input& file, std::vector<model::ProcessorRun>& runs) {
    const std::vector<std::uint64_t>& threads = file.names.foreign_threads;
    const std::uint64_t count = file.count();
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
        model::ProcessorRun run{.begin_ns = file.time(reference)};
        run.end_ns = file.time(reference);
        const auto thread = file.get<std::uint16_t>();
        if (thread >= threads.size()) throw FormatError("the trace file is damaged: a thread is not in its list");
        run.thread = threads[thread];
        runs.push_back(run);
    }
}

void read_context_switches(Input& file) {
    model::Switches& switches = file.trace().switches;
    std::uint64_t entries = 0;
    const std::uint64_t threads = file.count();
    for (std::uint64_t i = 0; i < threads; ++i) entries += read_thread(file);
    file.in.skip(8);  // runs of all processors
    for (std::vector<model::ProcessorRun>& runs : switches.processors) read_processor(file, runs);
    const std::uint64_t processes = file.count();
    for (std::uint64_t i = 0; i < processes; ++i) {
        const auto thread = file.get<std::uint64_t>();
        switches.processes.push_back({thread, file.get<std::uint64_t>()});
    }
    const std::uint64_t times = file.count();
    for (std::uint64_t i = 0; i < times; ++i) {
        model::ThreadTime& time = switches.times.emplace_back();
        time.thread = file.get<std::uint64_t>();
        time.running_ns = file.get<std::int64_t>();
        time.runs = file.get<std::uint32_t>();
        time.migrations = file.get<std::uint32_t>();
    }
    file.kept("context switches", entries);
}

}  // namespace

const Section kContextSwitches{
    .oldest = oldest_for_context_switches, .write = write_context_switches, .read = read_context_switches};

}  // namespace tracypy::tracefile::sections
