#include "model/merge_system.hpp"

#include <algorithm>
#include <utility>

#include "model/merger.hpp"

namespace tracypy::model {
namespace {

constexpr std::uint64_t kInFile = (std::uint64_t{1} << 62) - 1;

/// The functions at the machine's own addresses.
std::map<std::uint64_t, std::string> kernel_names_of(const Trace& trace) {
    std::map<std::uint64_t, std::string> names;
    for (const StackAddress& address : trace.callstacks.addresses) {
        if (!AddressMap::is_kernel(address.address) || address.frames.empty()) continue;
        names.emplace(address.address, trace.strings.at(address.frames.front().function));
    }
    for (const Symbol& symbol : trace.symbols.symbols) {
        if (AddressMap::is_kernel(symbol.address)) {
            names.emplace(symbol.address & kInFile, trace.strings.at(symbol.name));
        }
    }
    return names;
}

bool has_addresses(const Trace& trace) {
    return std::ranges::any_of(trace.callstacks.addresses, [](const auto& one) { return one.address != 0; }) ||
           !trace.symbols.symbols.empty() || !trace.symbols.codes.empty() || !trace.hardware_samples.empty();
}

}  // namespace

// Two kernels have other functions at the same places, unless they are the same one.
AddressMap SystemMerger::addresses_of(const Trace& part) {
    if (!has_addresses(part)) return {};
    const std::uint64_t tag = next_tag_++ % AddressMap::kMostTags;
    bool is_other_kernel = false;
    for (const auto& [address, name] : kernel_names_of(part)) {
        const auto [known, is_new] = kernel_names_.try_emplace(address, name);
        is_other_kernel |= !is_new && known->second != name;
    }
    return {tag, is_other_kernel};
}

void SystemMerger::add(MergePart& part, const MergeMaps& maps) {
    const unsigned first_processor = first_processor_of(part);
    add_symbols(part.trace, maps);
    add_hardware_samples(part.trace, maps);
    add_sources(part);
    add_crash(part, maps);
    add_switches(part.trace, maps, first_processor);
    add_runs(part.trace, maps, first_processor);
}

void SystemMerger::note(std::uint64_t count, const std::string& what) {
    if (count != 0) notes_.push_back(std::to_string(count) + " " + what);
}

void SystemMerger::add_symbols(Trace& part, const MergeMaps& maps) {
    Symbols& all = trace_.symbols;
    for (Symbol& symbol : part.symbols.symbols) {
        symbol.address = maps.address(symbol.address);
        if (!symbols_.try_emplace(symbol.address, all.symbols.size()).second) continue;
        for (TextId* const text : {&symbol.name, &symbol.file, &symbol.image, &symbol.call_file})
            *text = maps.text(*text);
        all.symbols.push_back(symbol);
    }
    for (SymbolCode& code : part.symbols.codes) {
        code.address = maps.address(code.address);
        if (codes_.try_emplace(code.address, all.codes.size()).second) all.codes.push_back(std::move(code));
    }
    for (const CodeAddress& one : part.symbols.addresses) {
        const CodeAddress moved{maps.address(one.address), maps.address(one.symbol)};
        if (addresses_.try_emplace(moved.address, all.addresses.size()).second) all.addresses.push_back(moved);
    }
}

void SystemMerger::add_hardware_samples(Trace& part, const MergeMaps& maps) {
    for (HardwareSamples& samples : part.hardware_samples) {
        samples.address = maps.address(samples.address);
        for (std::vector<std::int64_t>& times : samples.times_ns) {
            for (std::int64_t& time : times) time += maps.shift_ns;
        }
        const auto [known, is_new] = hardware_samples_.try_emplace(samples.address, trace_.hardware_samples.size());
        if (is_new) {
            trace_.hardware_samples.push_back(std::move(samples));
            continue;
        }
        for (std::size_t kind = 0; kind < HardwareSamples::kKinds; ++kind) {
            append_all(trace_.hardware_samples[known->second].times_ns[kind], samples.times_ns[kind]);
        }
    }
}

// A viewer finds a text by the name of its file: two files of one name cannot both be there.
void SystemMerger::add_sources(MergePart& part) {
    std::uint64_t others = 0;
    for (SourceFile& source : part.trace.source_files) {
        const auto [known, is_new] = sources_.try_emplace(source.name, trace_.source_files.size());
        if (is_new) {
            trace_.source_files.push_back(std::move(source));
        } else if (trace_.source_files[known->second].text != source.text) {
            ++others;
        }
    }
    note(others, "source files of " + part.label + " have another text than those of the same name before");
}

// A file has room for one crash; another one is a message where it happened.
void SystemMerger::add_crash(MergePart& part, const MergeMaps& maps) {
    Crash crash = part.trace.crash;
    if (crash.thread == 0) return;
    crash.thread = maps.thread_id(crash.thread);
    crash.time_ns += maps.shift_ns;
    crash.message = maps.text(crash.message);
    crash.callstack = maps.stack(crash.callstack);
    if (trace_.crash.thread == 0) {
        trace_.crash = crash;
        return;
    }
    Message message{.time_ns = crash.time_ns};
    message.text = trace_.strings.intern("crash: " + std::string(trace_.strings.at(crash.message)));
    const auto thread = std::ranges::find(trace_.threads, crash.thread, &Thread::id);
    message.thread =
        thread == trace_.threads.end() ? kNoThread : static_cast<std::uint32_t>(thread - trace_.threads.begin());
    message.callstack = crash.callstack;
    trace_.messages.push_back(message);
    notes_.push_back("the crash of " + part.label + " is a message: a trace has room for one crash");
}

unsigned SystemMerger::first_processor_of(const MergePart& part) {
    const Switches& switches = part.trace.switches;
    unsigned used = 0;
    for (unsigned i = 0; i < Switches::kProcessors; ++i) {
        if (!switches.processors[i].empty()) used = i + 1;
    }
    for (const ProcessorPlace& place : part.trace.processors) used = std::max(used, place.thread + 1);
    if (used == 0) return 0;
    const auto [known, is_new] = machines_.try_emplace(part.machine, processors_);
    if (is_new) processors_ += used;
    return known->second;
}

void SystemMerger::add_switches(Trace& part, const MergeMaps& maps, unsigned first_processor) {
    Switches& all = trace_.switches;
    for (ThreadSwitches& thread : part.switches.threads) {
        thread.thread = maps.thread_id(thread.thread);
        for (ContextSwitch& one : thread.switches) {
            one.woken_ns += maps.shift_ns;
            one.begin_ns += maps.shift_ns;
            maps.move(one.end_ns);
            one.processor = static_cast<std::uint8_t>(one.processor + first_processor);
            if (one.woken_processor != 0) {
                one.woken_processor = static_cast<std::uint8_t>(one.woken_processor + first_processor);
            }
        }
        all.threads.push_back(std::move(thread));
    }
    for (const ForeignThread& thread : part.switches.foreign_threads) {
        const std::uint64_t id = maps.thread_id(thread.thread);
        if (foreign_threads_.insert(id).second) {
            all.foreign_threads.push_back({id, maps.text(thread.program), maps.text(thread.name)});
        }
    }
    for (const ThreadProcess& thread : part.switches.processes) {
        const std::uint64_t id = maps.thread_id(thread.thread);
        if (processes_.insert(id).second) all.processes.push_back({id, thread.process});
    }
    for (ThreadTime time : part.switches.times) {
        time.thread = maps.thread_id(time.thread);
        if (times_.insert(time.thread).second) all.times.push_back(time);
    }
    for (ProcessorPlace place : part.processors) {
        place.thread += first_processor;
        if (first_processor != 0) place.package += first_processor;
        if (std::ranges::find(trace_.processors, place.thread, &ProcessorPlace::thread) == trace_.processors.end()) {
            trace_.processors.push_back(place);
        }
    }
}

// Of one machine, two programs tell of the same run: with the same begin, as each has read it from the same counter.
void SystemMerger::add_runs(Trace& part, const MergeMaps& maps, unsigned first_processor) {
    for (unsigned i = 0; i < Switches::kProcessors; ++i) {
        std::vector<ProcessorRun>& runs = part.switches.processors[i];
        if (runs.empty()) continue;
        if (first_processor + i >= Switches::kProcessors) {
            lost_runs_ += runs.size();
            continue;
        }
        for (ProcessorRun& run : runs) {
            run.begin_ns += maps.shift_ns;
            maps.move(run.end_ns);
            run.thread = maps.thread_id(run.thread);
        }
        append_all(trace_.switches.processors[first_processor + i], runs);
    }
}

// One processor runs one thread at a time. Those that each of the programs tells of are there once.
void SystemMerger::finish() {
    std::uint64_t twice = 0;
    for (std::vector<ProcessorRun>& runs : trace_.switches.processors) {
        std::ranges::stable_sort(runs, {}, &ProcessorRun::begin_ns);
        std::vector<ProcessorRun> kept;
        for (const ProcessorRun& run : runs) {
            const bool is_over = kept.empty() || (kept.back().end_ns != kOpen && kept.back().end_ns <= run.begin_ns);
            if (is_over) {
                kept.push_back(run);
            } else if (kept.back().end_ns == kOpen && run.begin_ns > kept.back().begin_ns) {
                kept.back().end_ns = run.begin_ns;
                kept.push_back(run);
            } else {
                ++twice;
            }
        }
        runs = std::move(kept);
    }
    for (HardwareSamples& samples : trace_.hardware_samples) {
        for (std::vector<std::int64_t>& times : samples.times_ns) std::ranges::sort(times);
    }
    note(twice, "runs of processors were told of by two programs, and are there once");
    note(lost_runs_, "runs are of more processors than a trace has room for (256), and were left out");
}

}  // namespace tracypy::model
