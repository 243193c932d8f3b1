// What belongs to no thread: frame marks, in one order for the whole process. Cold: a program makes some hundred a
// second, so a mutex is fine and gives ticks that never decrease.
//
// Marks wait in chunks of the pool, under the one limit for all that waits. A start and its end are left out together,
// or both are there: an end whose start is recorded goes past the limit, which costs no more than one mark for each
// set of frames.
#pragma once

#include <cstdint>
#include <mutex>
#include <unordered_set>

#include "events/event.hpp"
#include "events/event_sink.hpp"
#include "recorder/chunk.hpp"
#include "recorder/drop_policy.hpp"

namespace tracypy::recorder {

/// Thread-safe; `mutex_` guards everything.
class SerialLane {
public:
    using Kind = events::FrameMark::Kind;

    SerialLane(ChunkPool& pool, DropPolicy& policy) noexcept : pool_(pool), policy_(policy) {}
    ~SerialLane() { clear(); }
    SerialLane(const SerialLane&) = delete;
    SerialLane& operator=(const SerialLane&) = delete;

    /// False: there is no room for it, and nothing happened. The caller tries again, or gives it up by leave_out().
    bool frame_mark(Kind kind, base::StringId name) noexcept;
    void leave_out(Kind kind, base::StringId name) noexcept;
    /// Hands marks to `sink` until they are `max_words` words or all; returns how many words they took.
    std::size_t drain(events::EventSink& sink, std::size_t max_words);
    void clear() noexcept;

    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }

private:
    bool ensure_room(bool beyond_limit) noexcept;
    void write(Kind kind, base::StringId name) noexcept;
    Chunk* take_first() noexcept;

    ChunkPool& pool_;
    DropPolicy& policy_;
    std::mutex mutex_;
    Chunk* first_ = nullptr;  // the oldest; a chunk is filled up to its `last`
    Chunk* newest_ = nullptr;
    ChunkGrowth growth_;
    base::Ticks last_tick_ = 0;
    std::unordered_set<base::StringId> open_;  // started, not ended
    std::unordered_set<base::StringId> cut_;   // the start was left out, so its end will be
};

}  // namespace tracypy::recorder
