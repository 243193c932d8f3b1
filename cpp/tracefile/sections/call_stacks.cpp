// The calls that were running when something happened, and the frames that they name. Messages (messages.cpp), zones
// (zone_extras.cpp) and blocks of memory (memory.cpp) refer to them by number, from 1.
//
// A stack is a list of addresses. Ours are small numbers of their own, as on the wire: smaller than any that a program
// has its code at.
#include <algorithm>
#include <unordered_map>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// Where no program has code.
constexpr std::uint64_t kFirstAddress = 1 << 20;
/// In an address: it is a number of the viewer's own, for what a program has said in words.
constexpr std::uint64_t kIsOwn = std::uint64_t{1} << 62;

std::uint64_t address_of(const model::Callstacks& callstacks, std::uint32_t index) {
    const std::uint64_t address = callstacks.addresses[index].address;
    return address != 0 ? address : std::uint64_t{index} + 1;
}

void write_call_stacks(Output& file) {
    const model::Callstacks& callstacks = file.trace.callstacks;
    file.count(callstacks.stacks.size() - 1);
    for (std::size_t i = 1; i < callstacks.stacks.size(); ++i) {
        file.put(static_cast<std::uint16_t>(callstacks.stacks[i].size()));
        for (const std::uint32_t address : callstacks.stacks[i]) file.put(address_of(callstacks, address));
    }
    file.count(callstacks.addresses.size());
    for (std::size_t i = 0; i < callstacks.addresses.size(); ++i) {
        const model::StackAddress& address = callstacks.addresses[i];
        file.put(address_of(callstacks, static_cast<std::uint32_t>(i)));
        file.put(static_cast<std::uint8_t>(address.frames.size()));
        file.short_reference(address.image);
        for (const model::StackFrame& frame : address.frames) {
            file.short_reference(frame.function);
            file.short_reference(frame.file);
            file.put(frame.line);
            file.put(frame.symbol);
        }
    }
}

model::StackAddress read_address(Input& file) {
    const auto frames = file.get<std::uint8_t>();
    model::StackAddress address;
    address.image = file.short_reference();
    for (unsigned i = 0; i < frames; ++i) {
        model::StackFrame& frame = address.frames.emplace_back();
        frame.function = file.short_reference();
        frame.file = file.short_reference();
        frame.line = file.get<std::uint32_t>();
        frame.symbol = file.get<std::uint64_t>();
    }
    return address;
}

std::uint64_t own_or(std::uint64_t number) noexcept {
    return number < kFirstAddress || (number & kIsOwn) != 0 ? 0 : number;
}

void read_call_stacks(Input& file) {
    model::Callstacks& callstacks = file.trace().callstacks;
    std::unordered_map<std::uint64_t, std::uint32_t> indices;  // of addresses
    const std::uint64_t stacks = file.count();
    for (std::uint64_t i = 0; i < stacks; ++i) {
        std::vector<std::uint32_t>& stack = callstacks.stacks.emplace_back();
        for (unsigned left = file.get<std::uint16_t>(); left != 0; --left) {
            const auto number = static_cast<std::uint32_t>(indices.size());
            stack.push_back(indices.try_emplace(file.get<std::uint64_t>(), number).first->second);
        }
    }
    // What is in no stack belongs to machine code. What is not told was never answered.
    callstacks.addresses.resize(indices.size());
    for (const auto& [number, index] : indices) callstacks.addresses[index].address = own_or(number);
    const std::uint64_t addresses = file.count();
    for (std::uint64_t i = 0; i < addresses; ++i) {
        const auto number = file.get<std::uint64_t>();
        model::StackAddress address = read_address(file);
        address.address = own_or(number);
        const auto [found, is_new] = indices.try_emplace(number, static_cast<std::uint32_t>(indices.size()));
        if (is_new) callstacks.addresses.emplace_back();
        callstacks.addresses[found->second] = std::move(address);
    }
}

void check(Input& file) {
    const model::Trace& trace = file.trace();
    const auto is_nowhere = [&](std::uint32_t callstack) { return callstack >= trace.callstacks.stacks.size(); };
    const auto any = [&](const auto& rows) {
        return std::ranges::any_of(rows, [&](const auto& row) { return is_nowhere(row.callstack); });
    };
    const auto is_lost = [&](const model::Allocation& block) {
        return is_nowhere(block.begin_callstack) || is_nowhere(block.end_callstack);
    };
    const auto pool_has_lost = [&](const model::MemoryPool& pool) {
        return std::ranges::any_of(pool.allocations, is_lost);
    };
    const auto thread_has_lost = [&](const model::Thread& thread) {
        return any(thread.samples) || any(thread.switch_samples);
    };
    const auto gpu_has_lost = [&](const model::GpuContext& context) {
        return std::ranges::any_of(context.rows, [&](const model::GpuRow& row) { return any(row.zones); });
    };
    if (any(trace.messages) || any(trace.zone_extras) || is_nowhere(trace.crash.callstack) ||
        std::ranges::any_of(trace.memory_pools, pool_has_lost) || std::ranges::any_of(trace.threads, thread_has_lost) ||
        std::ranges::any_of(trace.gpu_contexts, gpu_has_lost)) {
        throw FormatError("the trace file is damaged: a call stack is referred to that is not there");
    }
}

}  // namespace

const Section kCallStacks{.write = write_call_stacks, .read = read_call_stacks, .finish = check};

}  // namespace tracypy::tracefile::sections
