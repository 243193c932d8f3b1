// Events that have one order over all threads: allocated here and freed there, a lock that goes from hand to hand,
// frame marks.
//
// Each thread writes into a queue of its own, which costs it no lock; who has none, and frame marks, of which a program
// makes some hundred a second, share one under a mutex. The drain merges the queues by tick.
//
// Why that order is right: an event of which another one is a consequence was published before the other one's tick was
// read (ordered_ticks: not earlier). So when the drain reads a tick of its own, and then the queues, whatever it has
// missed has no consequence up to that tick. It hands on the events up to there; one that comes late follows at once,
// at the last tick, and has no place that anybody could tell it by.
//
// All wait in chunks of the pool, under the one limit for all that waits. A start of a frame and its end are left out
// together, or both are there: an end whose start is recorded goes past the limit, which costs no more than one mark
// for each set of frames.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <mutex>
#include <span>
#include <tuple>
#include <unordered_set>
#include <variant>
#include <vector>

#include "events/event.hpp"
#include "events/event_sink.hpp"
#include "recorder/chunk.hpp"
#include "recorder/definitions.hpp"
#include "recorder/drop_policy.hpp"
#include "recorder/event_queue.hpp"

namespace tracypy::recorder {

/// Writes an event of `thread` at this moment into a thread's queue for such. False: there is no room for it.
bool write_ordered(EventQueue& queue, base::ThreadId thread, std::span<const events::Word> event,
                   bool beyond_limit) noexcept;

/// The fields of an event that belongs to no thread, a word each. Its time is that at which it is written. A text it
/// cannot have here.
template <events::SharedEvent Event>
class SharedFields {
public:
    explicit SharedFields(const Event& event) noexcept {
        std::size_t at = 0;
        each_field(event, [&](const auto& field) {
            if constexpr (kHasWord<decltype(field)>) std::memcpy(&words_[at++], &field, sizeof(field));
        });
    }
    static Event read(const events::Word* words, base::Ticks tick) noexcept {
        Event event;
        each_field(event, [&](auto& field) {
            if constexpr (kHasWord<decltype(field)>) std::memcpy(&field, words++, sizeof(field));
        });
        event.ticks = tick;
        return event;
    }
    operator std::span<const events::Word>() const noexcept { return words_; }

private:
    template <typename Field>
    static constexpr bool kHasWord = !std::is_same_v<std::remove_cvref_t<Field>, base::Ticks> &&
                                     !events::layout::kIsText<std::remove_cvref_t<Field>>;

    std::array<events::Word, events::layout::field_words<Event>() - 1> words_{};
};

/// Writes it at this moment into a thread's queue. False: there is no room for it.
bool write_shared(EventQueue& queue, events::Kind kind, std::span<const events::Word> fields,
                  bool beyond_limit) noexcept;

/// Thread-safe, but for the drain's half. `mutex_` guards everything else.
class OrderedLane {
public:
    using MarkKind = events::FrameMarkKind;

    /// `definitions`: what the events may refer to.
    OrderedLane(ChunkPool& pool, DropPolicy& policy, Definitions& definitions) noexcept
        : policy_(policy), definitions_(definitions), shared_(pool) {}

    /// As write_ordered(), of a thread that has no queue.
    bool write(base::ThreadId thread, std::span<const events::Word> event, bool beyond_limit) noexcept;

    /// As write_shared(), of a thread that has no queue, or may not use it now. False also when others write for long:
    /// whoever calls this may be inside anything.
    bool try_write_shared(events::Kind kind, std::span<const events::Word> fields) noexcept;

    /// False: there is no room for it, and nothing happened. The caller tries again, or gives it up by leave_out().
    bool frame_mark(MarkKind kind, base::StringId name) noexcept;
    void leave_out(MarkKind kind, base::StringId name) noexcept;

    /// In the order of `queues`, by which threads are told apart whose events are of one tick.
    void add_queue(EventQueue& queue) { queues_.push_back(&queue); }
    /// Hands events to `sink`, of what others write and of the queues that were added since the last time, until they
    /// are `max_words` words or all; returns how many words they took.
    std::size_t drain(events::EventSink& sink, std::size_t max_words);
    /// Nobody writes, nobody drains.
    void clear() noexcept;

    void lock() { mutex_.lock(); }
    void unlock() { mutex_.unlock(); }

private:
    /// What one queue has next.
    struct Head {
        base::Ticks tick;
        std::size_t order;  // of its queue
        EventQueue* queue;
        EventQueue::Unread run;

        bool operator>(const Head& other) const noexcept {
            return tick != other.tick ? tick > other.tick : order > other.order;
        }
    };

    template <events::SharedEvent Event>
    using Batch = std::vector<Event>;

    bool write_mark(MarkKind kind, base::StringId name, bool beyond_limit) noexcept;
    /// Adds what `queue` has next, if that is not after `until`.
    void add_head(EventQueue& queue, std::size_t order, base::Ticks until);
    std::size_t take(const Head& head);
    void take_shared(const events::Word* record);
    void hand_on(events::EventSink& sink);
    void give_back_shared() noexcept;

    DropPolicy& policy_;
    Definitions& definitions_;
    std::mutex mutex_;
    EventQueue shared_;
    std::unordered_set<base::StringId> open_;  // started, not ended
    std::unordered_set<base::StringId> cut_;   // the start was left out, so its end will be

    // The drain's.
    std::vector<EventQueue*> queues_;
    std::vector<Head> heads_;  // a heap
    base::Ticks last_tick_ = 0;
#define TRACYPY_BATCH(number, name, fields) Batch<events::name>,
    std::tuple<TRACYPY_SHARED_EVENTS(TRACYPY_BATCH, ) std::monostate> shared_events_;
#undef TRACYPY_BATCH
    std::vector<events::OrderedEvent> events_;
    std::vector<events::Word> words_;  // of the events
};

}  // namespace tracypy::recorder
