// The calls that were running when something happened, and the frames that they name. Messages (messages.cpp), zones
// (zone_extras.cpp) and blocks of memory (memory.cpp) refer to them by number, from 1.
//
// A stack is a list of addresses. Ours are small numbers of their own, as on the wire.
#include <algorithm>
#include <string>
#include <unordered_map>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

constexpr std::uint64_t kNoSymbol = 0;

void write(Output& file) {
    const model::Callstacks& callstacks = file.trace.callstacks;
    file.count(callstacks.stacks.size() - 1);
    for (std::size_t i = 1; i < callstacks.stacks.size(); ++i) {
        file.put(static_cast<std::uint16_t>(callstacks.stacks[i].size()));
        for (const std::uint32_t address : callstacks.stacks[i]) file.put(std::uint64_t{address} + 1);
    }
    file.count(callstacks.addresses.size());
    for (std::size_t i = 0; i < callstacks.addresses.size(); ++i) {
        const model::StackAddress& address = callstacks.addresses[i];
        file.put(std::uint64_t{i} + 1);
        file.put(static_cast<std::uint8_t>(address.frames.size()));
        file.put_24_bits(static_cast<std::uint32_t>(address.image));
        for (const model::StackFrame& frame : address.frames) {
            file.put_24_bits(static_cast<std::uint32_t>(frame.function));
            file.put_24_bits(static_cast<std::uint32_t>(frame.file));
            file.put(frame.line);
            file.put(kNoSymbol);
        }
    }
}

model::StackAddress read_address(Input& file) {
    const auto frames = file.get<std::uint8_t>();
    model::StackAddress address{file.short_reference(), {}};
    for (unsigned i = 0; i < frames; ++i) {
        model::StackFrame& frame = address.frames.emplace_back();
        frame.function = file.short_reference();
        frame.file = file.short_reference();
        frame.line = file.get<std::uint32_t>();
        file.in.skip(sizeof(kNoSymbol));
    }
    return address;
}

void read(Input& file) {
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
    // What is in no stack belongs to samples, and has no place here. What is not told was never answered.
    callstacks.addresses.resize(indices.size());
    const std::uint64_t addresses = file.count();
    for (std::uint64_t i = 0; i < addresses; ++i) {
        const auto found = indices.find(file.get<std::uint64_t>());
        model::StackAddress address = read_address(file);
        if (found != indices.end()) callstacks.addresses[found->second] = std::move(address);
    }
}

void check(Input& file) {
    const model::Trace& trace = file.trace();
    const auto is_nowhere = [&](std::uint32_t callstack) { return callstack >= trace.callstacks.stacks.size(); };
    const auto refers_nowhere = [&](const auto& row) { return is_nowhere(row.callstack); };
    const auto is_lost = [&](const model::Allocation& block) {
        return is_nowhere(block.begin_callstack) || is_nowhere(block.end_callstack);
    };
    const auto has_lost = [&](const model::MemoryPool& pool) { return std::ranges::any_of(pool.allocations, is_lost); };
    if (std::ranges::any_of(trace.messages, refers_nowhere) || std::ranges::any_of(trace.zone_extras, refers_nowhere) ||
        std::ranges::any_of(trace.memory_pools, has_lost)) {
        throw FormatError("the trace file is damaged: a call stack is referred to that is not there");
    }
}

}  // namespace

const Section kCallStacks{.write = write, .read = read, .finish = check};

}  // namespace tracypy::tracefile::sections
