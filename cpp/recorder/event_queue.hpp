// One writer's events on their way to the drain: a chain of chunks, filled by one thread and read by another one.
//
// Threading contract. The writer's half belongs to one thread at a time, or to whoever has stopped it; the drain's half
// belongs to the drain. Anybody may close().
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "events/event.hpp"
#include "recorder/chunk.hpp"

namespace tracypy::recorder {

class alignas(64) EventQueue {
public:
    explicit EventQueue(ChunkPool& pool) noexcept : pool_(&pool) {}
    /// One that never has room.
    constexpr EventQueue() noexcept = default;
    ~EventQueue() { clear(); }
    EventQueue(const EventQueue&) = delete;
    EventQueue& operator=(const EventQueue&) = delete;

    // --- the writer ---

    /// There is room for a zone's begin or end, and nothing else has to be done first.
    bool is_open() const noexcept { return is_open_at(position()); }
    /// The same of a position that was asked for before: the hot path reads it once.
    bool is_open_at(const events::Word* position) const noexcept {
        return position < limit_.load(std::memory_order_relaxed);
    }
    /// From now on, as long as there is room, and up to `until` if that is not null: a place in what is written now.
    void open(const events::Word* until = nullptr) noexcept {
        events::Word* limit = chunk_ != nullptr ? chunk_->end() - (events::kBeginWords - 1) : nullptr;
        if (until != nullptr && limit != nullptr) {
            const std::ptrdiff_t left = chunk_->holds(until) ? until - chunk_->words() : 0;
            limit = std::min(limit, chunk_->words() + left);
        }
        limit_.store(limit, std::memory_order_relaxed);
    }
    /// Sends the writer's next event to its slow path. By any thread; may get lost when the writer is in it just now.
    void close() noexcept { limit_.store(nullptr, std::memory_order_relaxed); }

    /// Makes room for `words`, if need be beyond the limit of the pool. False: there is none.
    bool ensure_room(std::size_t words, bool beyond_limit) noexcept {
        const bool is_there = chunk_ != nullptr && static_cast<std::size_t>(chunk_->end() - position()) >= words;
        return is_there || next_chunk(words, beyond_limit);
    }
    /// Where the next event goes; null without a chunk.
    events::Word* position() const noexcept { return cursor_.load(std::memory_order_relaxed); }
    /// The words before `position` may be read. Release: the drain's acquire load sees them.
    void publish(events::Word* position) noexcept { cursor_.store(position, std::memory_order_release); }

    // There must be room.
    template <typename Event>
    void write(const Event& event) noexcept {
        write_at(position(), event);
    }
    template <typename Event>
    void write_at(events::Word* at, const Event& event) noexcept {
        publish(events::put(at, event));
    }
    /// Not long after the event before.
    void write_near_at(events::Word* at, base::Ticks tick, events::BeginBits begin) noexcept {
        events::Word* const next = events::put_near(at, tick, begin);
        // The drain's core has these lines; asking early takes 3 ns off a call.
        prefetch_for_writing(at + kPrefetchWords);
        publish(next);
    }

    /// Goes on in a chunk of the smallest size, so that the drain can give a larger one back.
    void shrink() noexcept;

    // --- the drain ---

    struct Unread {
        events::Word* first;
        events::Word* last;
    };
    /// The next contiguous run of unread words, empty when there is none. Gives finished chunks back.
    Unread unread() noexcept;
    void consumed(events::Word* last) noexcept { read_ = last; }

    /// Forgets everything, read or not. Nobody writes or reads.
    void clear() noexcept;

private:
    static constexpr std::size_t kPrefetchWords = 40;  // 5 cache lines, about 20 calls

    bool next_chunk(std::size_t words, bool beyond_limit) noexcept;
    void go_on_in(Chunk* chunk) noexcept;

    // In chunk_, or null without one; the drain reads it to see how far chunk_ is filled.
    std::atomic<events::Word*> cursor_{nullptr};
    // Null when closed. Relaxed: see close().
    std::atomic<events::Word*> limit_{nullptr};
    Chunk* chunk_ = nullptr;
    ChunkPool* pool_ = nullptr;
    ChunkGrowth growth_;

    // The drain's side.
    alignas(64) Chunk* read_chunk_ = nullptr;
    std::atomic<Chunk*> first_chunk_{nullptr};  // release by the writer: the chain's start, before the drain has one
    events::Word* read_ = nullptr;
};

}  // namespace tracypy::recorder
