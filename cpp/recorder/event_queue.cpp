#include "recorder/event_queue.hpp"

#include <algorithm>

namespace tracypy::recorder {

using events::Word;

bool EventQueue::next_chunk(std::size_t words, bool beyond_limit) noexcept {
    if (pool_ == nullptr) return false;
    const base::Ticks now = base::now_ticks();
    Chunk* const chunk = pool_->acquire(std::max(words, growth_.next(now)), beyond_limit);
    if (chunk == nullptr) return false;
    growth_.took(chunk->capacity_words, now);
    go_on_in(chunk);
    return true;
}

void EventQueue::go_on_in(Chunk* chunk) noexcept {
    // The drain finds the position in the chunk it reads, or that chunk's successor; never neither.
    if (chunk_ == nullptr) {
        publish(chunk->words());
        first_chunk_.store(chunk, std::memory_order_release);
    } else {
        chunk_->last = position();
        chunk_->next.store(chunk, std::memory_order_release);
        publish(chunk->words());
    }
    chunk_ = chunk;
}

void EventQueue::shrink() noexcept {
    if (chunk_ == nullptr || chunk_->capacity_words <= kFirstChunkWords) return;
    Chunk* const chunk = pool_->acquire(kFirstChunkWords, true);
    if (chunk == nullptr) return;
    growth_ = {};
    go_on_in(chunk);
}

void EventQueue::clear() noexcept {
    Chunk* chunk = read_chunk_ != nullptr ? read_chunk_ : first_chunk_.load(std::memory_order_acquire);
    while (chunk != nullptr) {
        Chunk* const next = chunk->next.load(std::memory_order_acquire);
        pool_->release(chunk);
        chunk = next;
    }
    first_chunk_.store(nullptr, std::memory_order_relaxed);
    read_chunk_ = nullptr;
    read_ = nullptr;
    chunk_ = nullptr;
    growth_ = {};
    publish(nullptr);
    close();
}

EventQueue::Unread EventQueue::unread() noexcept {
    if (read_chunk_ == nullptr) {
        read_chunk_ = first_chunk_.load(std::memory_order_acquire);
        if (read_chunk_ == nullptr) return {nullptr, nullptr};
        read_ = read_chunk_->words();
    }
    for (;;) {
        Chunk* const next = read_chunk_->next.load(std::memory_order_acquire);
        Word* const last = next != nullptr ? read_chunk_->last : cursor_.load(std::memory_order_acquire);
        if (!read_chunk_->holds(last)) continue;  // the writer has gone on meanwhile, so now there is a successor
        if (read_ != last) return {read_, last};
        if (next == nullptr) return {nullptr, nullptr};
        pool_->release(read_chunk_);
        read_chunk_ = next;
        read_ = next->words();
    }
}

}  // namespace tracypy::recorder
