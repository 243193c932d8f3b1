#include "recorder/chunk.hpp"

#include <cstdlib>
#include <new>

namespace tracypy::recorder {
namespace {

std::size_t bytes_of(std::size_t capacity_words) noexcept {
    return sizeof(Chunk) + capacity_words * sizeof(events::Word);
}

}  // namespace

ChunkPool::~ChunkPool() {
    while (Chunk* const chunk = take_spare()) {
        chunk->~Chunk();
        std::free(chunk);
    }
}

// The first that is there, and below the first place that is free: what came back last is taken first.
Chunk* ChunkPool::take_spare() noexcept {
    for (auto& place : spare_) {
        if (place.load(std::memory_order_relaxed) == nullptr) continue;
        // Acquire: the drain has done with it.
        if (Chunk* const chunk = place.exchange(nullptr, std::memory_order_acquire)) return chunk;
    }
    return nullptr;
}

bool ChunkPool::keep_spare(Chunk* chunk) noexcept {
    for (auto& place : spare_) {
        Chunk* free_place = nullptr;
        if (place.load(std::memory_order_relaxed) == nullptr &&
            place.compare_exchange_strong(free_place, chunk, std::memory_order_release, std::memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

Chunk* ChunkPool::acquire(std::size_t words, bool beyond_limit) noexcept {
    const std::size_t bytes = bytes_of(words);
    const std::size_t before = used_bytes_.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes > limit_bytes() && !beyond_limit) {
        used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
        return nullptr;
    }
    void* memory = words == kChunkWords ? take_spare() : nullptr;
    if (memory == nullptr) memory = std::malloc(bytes);
    if (memory == nullptr) {
        ran_out_of_memory_.store(true, std::memory_order_relaxed);
        used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
        return nullptr;
    }
    auto* const chunk = new (memory) Chunk;
    chunk->capacity_words = words;
    chunk->next.store(nullptr, std::memory_order_relaxed);
    return chunk;
}

void ChunkPool::release(Chunk* chunk) noexcept {
    const std::size_t bytes = bytes_of(chunk->capacity_words);
    used_bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    if (chunk->capacity_words == kChunkWords && keep_spare(chunk)) return;
    chunk->~Chunk();
    std::free(chunk);
}

}  // namespace tracypy::recorder
