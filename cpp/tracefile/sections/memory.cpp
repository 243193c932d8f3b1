// Blocks of memory, by pool.
#include <algorithm>
#include <limits>
#include <vector>

#include "tracefile/sections/input.hpp"
#include "tracefile/sections/list.hpp"
#include "tracefile/sections/output.hpp"

namespace tracypy::tracefile::sections {
namespace {

/// Saturating: a program may say anything.
std::uint64_t end_of(const model::Allocation& block) noexcept {
    const std::uint64_t end = block.address + block.size;
    return end < block.address ? std::numeric_limits<std::uint64_t>::max() : end;
}

/// In the list of threads, whose first place stands for no thread.
std::uint16_t short_number(std::uint32_t thread) noexcept {
    return thread == model::kNoThread ? 0 : static_cast<std::uint16_t>(thread + 1);
}

void write_block(Output& file, const model::Allocation& block, std::int64_t& reference) {
    file.put(block.address);
    file.put(block.size);
    file.put_24_bits(block.begin_callstack);
    file.put_24_bits(block.end_callstack);
    file.time(reference, block.begin_ns);
    file.put(block.end_ns == model::kOpen ? model::kOpen : block.end_ns - block.begin_ns);
    file.put(short_number(block.begin_thread));
    file.put(short_number(block.end_thread));
}

void write_pool(Output& file, const model::MemoryPool& pool) {
    const model::MemoryUse use = model::use_of(pool);
    std::uint64_t highest = 0;
    std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
    file.pointer(pool.name);
    file.count(pool.allocations.size());
    file.count(use.blocks);
    file.count(pool.allocations.size() - use.blocks);  // frees
    std::int64_t reference = 0;
    for (const model::Allocation& block : pool.allocations) {
        write_block(file, block, reference);
        highest = std::max(highest, end_of(block));
        lowest = std::min(lowest, block.address);
    }
    file.put(highest);
    file.put(lowest);
    file.put(use.in_use);
    file.pointer(pool.name);
}

// A viewer takes the default pool for granted: it must be there, if empty.
void write_memory(Output& file) {
    const std::vector<model::MemoryPool>& pools = file.trace.memory_pools;
    const bool has_default = std::ranges::any_of(pools, [](auto& pool) { return pool.name == model::TextId::None; });
    std::uint64_t blocks = 0;
    for (const model::MemoryPool& pool : pools) blocks += pool.allocations.size();
    file.count(pools.size() + (has_default ? 0 : 1));
    file.count(blocks);
    if (!has_default) write_pool(file, {});
    for (const model::MemoryPool& pool : pools) write_pool(file, pool);
}

/// By short number, as far as there are rows of them.
std::vector<std::uint32_t> thread_indices(Input& file) {
    std::vector<std::uint32_t> indices;
    const std::vector<model::Thread>& threads = file.trace().threads;
    for (std::size_t i = 0; i < threads.size(); ++i) {
        const auto number = file.names.short_numbers.find(threads[i].id);
        if (number == file.names.short_numbers.end() || number->second > UINT16_MAX) continue;
        if (number->second >= indices.size()) indices.resize(number->second + 1, model::kNoThread);
        indices[number->second] = static_cast<std::uint32_t>(i);
    }
    return indices;
}

void read_block(Input& file, const std::vector<std::uint32_t>& threads, std::uint64_t& reference,
                model::MemoryPool& pool) {
    const auto thread = [&](std::uint16_t number) {
        return number < threads.size() ? threads[number] : model::kNoThread;
    };
    model::Allocation block{.address = file.get<std::uint64_t>()};
    block.size = file.get<std::uint64_t>();
    block.begin_callstack = file.get_24_bits();
    block.end_callstack = file.get_24_bits();
    block.begin_ns = file.time(reference);
    const auto duration = file.get<std::int64_t>();
    block.begin_thread = thread(file.get<std::uint16_t>());
    block.end_thread = thread(file.get<std::uint16_t>());
    if (duration >= 0) {
        // Without sign: in a damaged file the sum may be anything.
        const std::uint64_t end = static_cast<std::uint64_t>(block.begin_ns) + static_cast<std::uint64_t>(duration);
        block.end_ns = static_cast<std::int64_t>(end);
    } else {
        block.end_thread = model::kNoThread;
    }
    pool.allocations.push_back(block);
}

void read_pool(Input& file, const std::vector<std::uint32_t>& threads) {
    model::MemoryPool pool;
    pool.name = file.pointer();
    const std::uint64_t blocks = file.count();
    file.in.skip(2 * 8);  // active, frees
    std::uint64_t reference = 0;
    for (std::uint64_t i = 0; i < blocks; ++i) read_block(file, threads, reference, pool);
    file.in.skip(4 * 8);  // highest, lowest, in use, name
    if (blocks != 0) file.trace().memory_pools.push_back(std::move(pool));
}

void read_memory(Input& file) {
    const std::vector<std::uint32_t> threads = thread_indices(file);
    const std::uint64_t pools = file.count();
    file.in.skip(8);  // events of all pools
    for (std::uint64_t i = 0; i < pools; ++i) read_pool(file, threads);
}

}  // namespace

const Section kMemory{.write = write_memory, .read = read_memory};

}  // namespace tracypy::tracefile::sections
