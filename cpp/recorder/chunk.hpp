// Where a thread's events wait for the drain: a chain of chunks with one writer and one reader.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"
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

inline constexpr std::size_t kChunkBytes = 64 * 1024;  // of the largest, but for one that a single text needs
inline constexpr std::size_t kFirstChunkBytes = 1024;
constexpr std::size_t words_in_chunk(std::size_t bytes) noexcept {
    return (bytes - sizeof(Chunk)) / sizeof(events::Word);
}
inline constexpr std::size_t kChunkWords = words_in_chunk(kChunkBytes);
inline constexpr std::size_t kFirstChunkWords = words_in_chunk(kFirstChunkBytes);

/// How large the next chunk of a chain is: one that fills fast is followed by a larger one, one that fills slowly by a
/// smaller one. So thousands of threads that do little take little, and a busy one rarely asks.
class ChunkGrowth {
public:
    /// In words.
    std::size_t next(base::Ticks now) const noexcept {
        if (bytes_ == 0) return kFirstChunkWords;
        const bool fast = now - since_ < kFastTicks;
        return words_in_chunk(fast ? std::min(bytes_ * kFactor, kChunkBytes)
                                   : std::max(bytes_ / kFactor, kFirstChunkBytes));
    }
    /// A chunk of `words` was taken, at `now`.
    void took(std::size_t words, base::Ticks now) noexcept {
        bytes_ = std::min(sizeof(Chunk) + words * sizeof(events::Word), kChunkBytes);
        since_ = now;
    }

private:
    static constexpr base::Ticks kFastTicks = base::Ticks{1} << 28;  // a tenth to a quarter of a second
    static constexpr std::size_t kFactor = 4;

    std::size_t bytes_ = 0;
    base::Ticks since_ = 0;
};

/// Hands out chunks and counts their bytes. Thread-safe without locks.
///
/// A few large ones that come back are kept for the next to ask: fresh memory costs a page fault every 170 calls, and
/// what the drain has just read is still in a cache.
class ChunkPool {
public:
    static constexpr std::size_t kSpareChunks = 64;  // 4 MiB beyond the limit

    ChunkPool() noexcept = default;
    /// All chunks must have come back.
    ~ChunkPool();
    ChunkPool(const ChunkPool&) = delete;
    ChunkPool& operator=(const ChunkPool&) = delete;

    /// A chunk for `words` words; nullptr past the limit, unless `beyond_limit`, or without memory.
    Chunk* acquire(std::size_t words, bool beyond_limit) noexcept;
    void release(Chunk* chunk) noexcept;

    void set_limit_bytes(std::size_t bytes) noexcept { limit_bytes_.store(bytes, std::memory_order_relaxed); }
    /// Of the limit somebody else has so much now, up to a half.
    void set_reserved_bytes(std::size_t bytes) noexcept { reserved_bytes_.store(bytes, std::memory_order_relaxed); }
    std::size_t whole_bytes() const noexcept { return limit_bytes_.load(std::memory_order_relaxed); }
    std::size_t limit_bytes() const noexcept {
        const std::size_t whole = whole_bytes();
        return whole - std::min(reserved_bytes_.load(std::memory_order_relaxed), whole / 2);
    }
    std::size_t used_bytes() const noexcept { return used_bytes_.load(std::memory_order_relaxed); }
    /// For a chunk of any size.
    bool has_room() const noexcept { return used_bytes() + kChunkBytes <= limit_bytes(); }
    /// The system once had no memory for a chunk, although the limit was not reached.
    bool ran_out_of_memory() const noexcept { return ran_out_of_memory_.load(std::memory_order_relaxed); }

private:
    Chunk* take_spare() noexcept;
    bool keep_spare(Chunk* chunk) noexcept;

    // Exchanged one by one, so that nobody ever follows a pointer into a chunk that is somebody else's by now.
    std::array<std::atomic<Chunk*>, kSpareChunks> spare_{};
    std::atomic<std::size_t> used_bytes_{0};
    std::atomic<std::size_t> limit_bytes_{256u << 20};
    std::atomic<std::size_t> reserved_bytes_{0};
    std::atomic<bool> ran_out_of_memory_{false};
};

}  // namespace tracypy::recorder
