// Where a thread's events wait for the drain: a chain of chunks with one writer and one reader.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "events/event.hpp"

namespace tracypy::recorder {

/// The writer fills `words`; how far, its buffer says. A chunk with a successor is complete and says it itself.
struct Chunk {
    // Release store by the writer after `last`; so a reader that sees a successor sees `last` and every word.
    std::atomic<Chunk*> next;
    events::Word* last;
    std::size_t capacity_words;

    events::Word* words() noexcept { return reinterpret_cast<events::Word*>(this + 1); }
    events::Word* end() noexcept { return words() + capacity_words; }
    bool holds(const events::Word* position) noexcept { return position >= words() && position <= end(); }
};

/// Brings the cache line of `address` here to be written to; any address will do.
inline void prefetch_for_writing(const void* address) noexcept {
#if defined(__x86_64__) && defined(__GNUC__)
    // Not __builtin_prefetch: it asks for a line to read unless the compiler may use everything since Broadwell.
    // Processors that do not know the instruction skip it.
    asm volatile("prefetchw %0" : : "m"(*static_cast<const char*>(address)));
#elif defined(__GNUC__)
    __builtin_prefetch(address, 1);
#else
    (void)address;
#endif
}

/// Hands out chunks and counts them. Thread-safe without locks.
///
/// A few that come back are kept for the next to ask: fresh memory costs a page fault every 170 calls, and what the
/// drain has just read is still in a cache.
class ChunkPool {
public:
    static constexpr std::size_t kSpareChunks = 64;  // 4 MiB beyond the limit
    static constexpr std::size_t kChunkBytes = 64 * 1024;
    static constexpr std::size_t kChunkWords = (kChunkBytes - sizeof(Chunk)) / sizeof(events::Word);

    /// A chunk for at least `min_words` words; nullptr past the limit, unless `beyond_limit`, or without memory.
    Chunk* acquire(std::size_t min_words, bool beyond_limit) noexcept;
    void release(Chunk* chunk) noexcept;

    void set_limit_bytes(std::size_t bytes) noexcept { limit_bytes_.store(bytes, std::memory_order_relaxed); }
    std::size_t limit_bytes() const noexcept { return limit_bytes_.load(std::memory_order_relaxed); }
    std::size_t used_bytes() const noexcept { return used_bytes_.load(std::memory_order_relaxed); }
    bool has_room() const noexcept { return used_bytes() + kChunkBytes <= limit_bytes(); }

private:
    Chunk* take_spare() noexcept;
    bool keep_spare(Chunk* chunk) noexcept;

    // Exchanged one by one, so that nobody ever follows a pointer into a chunk that is somebody else's by now.
    std::array<std::atomic<Chunk*>, kSpareChunks> spare_{};
    std::atomic<std::size_t> used_bytes_{0};
    std::atomic<std::size_t> limit_bytes_{256u << 20};
};

}  // namespace tracypy::recorder
