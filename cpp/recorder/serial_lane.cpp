#include "recorder/serial_lane.hpp"

#include <algorithm>
#include <new>

namespace tracypy::recorder {

using events::FrameMark;
using events::Word;

namespace {

static_assert(sizeof(FrameMark) % sizeof(Word) == 0 && alignof(FrameMark) <= alignof(Word));
constexpr std::size_t kMarkWords = sizeof(FrameMark) / sizeof(Word);

}  // namespace

bool SerialLane::ensure_room(bool beyond_limit) noexcept {
    if (newest_ != nullptr && newest_->end() - newest_->last >= static_cast<std::ptrdiff_t>(kMarkWords)) return true;
    const base::Ticks now = base::now_ticks();
    Chunk* const chunk = pool_.acquire(growth_.next(now), beyond_limit);
    if (chunk == nullptr) return false;
    growth_.took(chunk->capacity_words, now);
    chunk->last = chunk->words();
    (newest_ != nullptr ? newest_->next.store(chunk, std::memory_order_relaxed) : void(first_ = chunk));
    newest_ = chunk;
    return true;
}

// The tick under the lock, so that order and time agree; but a processor may read its counter a little before it has
// the lock.
void SerialLane::write(Kind kind, base::StringId name) noexcept {
    last_tick_ = std::max(last_tick_, base::now_ticks());
    new (newest_->last) FrameMark{last_tick_, name, kind};
    newest_->last += kMarkWords;
}

bool SerialLane::frame_mark(Kind kind, base::StringId name) noexcept {
    const std::lock_guard lock(mutex_);
    if (kind == Kind::End && cut_.erase(name) != 0) {
        policy_.count(Lost::Mark);
        return true;
    }
    if (!ensure_room(kind == Kind::End && open_.contains(name))) return false;
    try {
        if (kind == Kind::Start) open_.insert(name);
    } catch (...) {
        return false;  // out of memory
    }
    if (kind == Kind::Start) cut_.erase(name);
    if (kind == Kind::End) open_.erase(name);
    write(kind, name);
    return true;
}

void SerialLane::leave_out(Kind kind, base::StringId name) noexcept {
    const std::lock_guard lock(mutex_);
    policy_.count(Lost::Mark);
    if (kind != Kind::Start) return;
    // A frame lasts until its set's next start: where that is missing, the frame ends all the same.
    if (open_.erase(name) != 0 && ensure_room(true)) write(Kind::End, name);
    try {
        cut_.insert(name);
    } catch (...) {
        // Out of memory: an end without a start, which sinks leave out themselves.
    }
}

Chunk* SerialLane::take_first() noexcept {
    const std::lock_guard lock(mutex_);
    Chunk* const chunk = first_;
    if (chunk == nullptr) return nullptr;
    first_ = chunk->next.load(std::memory_order_relaxed);
    if (first_ == nullptr) {
        newest_ = nullptr;
        growth_ = {};
    }
    return chunk;
}

std::size_t SerialLane::drain(events::EventSink& sink, std::size_t max_words) {
    struct Taken {
        ~Taken() { pool.release(chunk); }
        ChunkPool& pool;
        Chunk* chunk;
    };
    std::size_t words = 0;
    while (words < max_words) {
        Chunk* const chunk = take_first();
        if (chunk == nullptr) break;
        const Taken taken{pool_, chunk};
        const auto filled = static_cast<std::size_t>(chunk->last - chunk->words());
        const auto* const marks = std::launder(reinterpret_cast<const FrameMark*>(chunk->words()));
        sink.frame_marks({marks, filled / kMarkWords});
        words += filled;
    }
    return words;
}

void SerialLane::clear() noexcept {
    while (Chunk* const chunk = take_first()) pool_.release(chunk);
    const std::lock_guard lock(mutex_);
    open_.clear();
    cut_.clear();
}

}  // namespace tracypy::recorder
