#include "recorder/chunk.hpp"

#include <cstdlib>
#include <new>

namespace tracypy::recorder {
namespace {

std::size_t bytes_of(std::size_t capacity_words) noexcept {
    return sizeof(Chunk) + capacity_words * sizeof(events::Word);
}

}  // namespace

Chunk* ChunkPool::acquire(std::size_t min_words, bool beyond_limit) noexcept {
    const std::size_t capacity = min_words > kChunkWords ? min_words : kChunkWords;
    const std::size_t bytes = bytes_of(capacity);
    const std::size_t before = used_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes > limit_bytes() && !beyond_limit) {
        used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
        return nullptr;
    }
    void* const memory = std::malloc(bytes);
    if (memory == nullptr) {
        used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
        return nullptr;
    }
    auto* const chunk = new (memory) Chunk;
    chunk->capacity_words = capacity;
    chunk->next.store(nullptr, std::memory_order_relaxed);
    chunk->published.store(chunk->words(), std::memory_order_relaxed);
    return chunk;
}

void ChunkPool::release(Chunk* chunk) noexcept {
    const std::size_t bytes = bytes_of(chunk->capacity_words);
    chunk->~Chunk();
    std::free(chunk);
    used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
}

}  // namespace tracypy::recorder
