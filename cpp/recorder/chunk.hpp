// Where a thread's events wait for the drain: a chain of chunks with one writer and one reader.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "events/event.hpp"

namespace tracypy::recorder {

/// The writer fills `words` and moves `published`; the reader follows it. A chunk with a successor is complete.
struct Chunk {
    // Release store by the writer after the words of whole events; acquire load by the reader.
    std::atomic<events::Word*> published;
    // Release store by the writer after its last `published`; so a reader that sees a successor sees every word.
    std::atomic<Chunk*> next;
    std::size_t capacity_words;

    events::Word* words() noexcept { return reinterpret_cast<events::Word*>(this + 1); }
    events::Word* end() noexcept { return words() + capacity_words; }
};

/// Hands out chunks and counts them. Thread-safe without locks: the count is the only shared state.
class ChunkPool {
public:
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
    std::atomic<std::size_t> used_bytes_{0};
    std::atomic<std::size_t> limit_bytes_{256u << 20};
};

}  // namespace tracypy::recorder
