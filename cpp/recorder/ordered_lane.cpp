#include "recorder/ordered_lane.hpp"

#include <algorithm>
#include <functional>
#include <thread>

namespace tracypy::recorder {

using events::FrameMark;
using events::FrameMarkKind;
using events::Word;

namespace {

// In a queue: the tick; the thread and the number of the event's words; these. An event that belongs to no thread has
// its kind beside the number, and as words its fields.
constexpr std::size_t kHeadWords = 2;
constexpr unsigned kThreadShift = 32, kKindShift = 24;

std::size_t event_words(const Word* record) noexcept {
    return record[1] & ((Word{1} << kKindShift) - 1);
}
events::Kind kind_of(const Word* record) noexcept {
    return static_cast<events::Kind>(record[1] >> kKindShift);
}
base::ThreadId thread_of(const Word* record) noexcept {
    return static_cast<base::ThreadId>(record[1] >> kThreadShift);
}

bool write_record(EventQueue& queue, Word label, std::span<const Word> event, bool beyond_limit) noexcept {
    if (!queue.ensure_room(kHeadWords + event.size(), beyond_limit)) return false;
    Word* const at = queue.position();
    at[0] = static_cast<Word>(base::ordered_ticks());
    at[1] = label | event.size();
    std::copy(event.begin(), event.end(), at + kHeadWords);
    queue.publish(at + kHeadWords + event.size());
    return true;
}

}  // namespace

bool write_ordered(EventQueue& queue, base::ThreadId thread, std::span<const Word> event, bool beyond_limit) noexcept {
    return write_record(queue, static_cast<Word>(thread) << kThreadShift, event, beyond_limit);
}

bool write_shared(EventQueue& queue, events::Kind kind, std::span<const Word> fields, bool beyond_limit) noexcept {
    return write_record(queue, static_cast<Word>(kind) << kKindShift, fields, beyond_limit);
}

bool OrderedLane::write(base::ThreadId thread, std::span<const Word> event, bool beyond_limit) noexcept {
    const std::lock_guard lock(mutex_);
    return write_ordered(shared_, thread, event, beyond_limit);
}

bool OrderedLane::try_write_shared(events::Kind kind, std::span<const Word> fields) noexcept {
    constexpr int kTries = 1'000;
    for (int tries = 0; !mutex_.try_lock(); ++tries) {
        if (tries == kTries) return false;
        std::this_thread::yield();
    }
    const std::lock_guard lock(mutex_, std::adopt_lock);
    return write_shared(shared_, kind, fields, false);
}

// --- frame marks ---

bool OrderedLane::write_mark(MarkKind kind, base::StringId name, bool beyond_limit) noexcept {
    const SharedFields fields(FrameMark{.name = name, .kind = kind});
    return write_shared(shared_, FrameMark::kKind, fields, beyond_limit);
}

bool OrderedLane::frame_mark(MarkKind kind, base::StringId name) noexcept {
    const std::lock_guard lock(mutex_);
    if (kind == MarkKind::End && cut_.erase(name) != 0) {
        policy_.count(Lost::Mark);
        return true;
    }
    try {
        if (kind == MarkKind::Start) open_.reserve(open_.size() + 1);
    } catch (...) {
        return false;  // out of memory
    }
    if (!write_mark(kind, name, kind == MarkKind::End && open_.contains(name))) return false;
    try {
        if (kind == MarkKind::Start) open_.insert(name);
    } catch (...) {
        // Out of memory: its end does not go past the limit.
    }
    if (kind == MarkKind::Start) cut_.erase(name);
    if (kind == MarkKind::End) open_.erase(name);
    return true;
}

void OrderedLane::leave_out(MarkKind kind, base::StringId name) noexcept {
    const std::lock_guard lock(mutex_);
    policy_.count(Lost::Mark);
    if (kind != MarkKind::Start) return;
    // A frame lasts until its set's next start: where that is missing, the frame ends all the same.
    if (open_.erase(name) != 0) (void)write_mark(MarkKind::End, name, true);
    try {
        cut_.insert(name);
    } catch (...) {
        // Out of memory: an end without a start, which sinks leave out themselves.
    }
}

// --- the drain ---

void OrderedLane::add_head(EventQueue& queue, std::size_t order, base::Ticks until) {
    const EventQueue::Unread run = queue.unread();
    if (run.first == run.last) return;
    const auto tick = static_cast<base::Ticks>(*run.first);
    if (tick > until) return;
    heads_.push_back({tick, order, &queue, run});
    std::push_heap(heads_.begin(), heads_.end(), std::greater<>{});
}

// The words are copied: the queue gives its chunk back before they are handed on.
std::size_t OrderedLane::take(const Head& head) {
    const Word* const record = head.run.first;
    const std::size_t words = event_words(record);
    const base::ThreadId thread = thread_of(record);
    last_tick_ = std::max(last_tick_, head.tick);
    if (thread == base::ThreadId::None) {
        take_shared(record);
    } else {
        // Where they are is known once all are there.
        events_.push_back({last_tick_, thread, {static_cast<const Word*>(nullptr), words}});
        words_.insert(words_.end(), record + kHeadWords, record + kHeadWords + words);
    }
    head.queue->consumed(head.run.first + kHeadWords + words);
    return kHeadWords + words;
}

void OrderedLane::take_shared(const Word* record) {
    switch (kind_of(record)) {
#define TRACYPY_TAKE_SHARED(number, name, fields)            \
    case events::Kind::name:                                 \
        return std::get<Batch<events::name>>(shared_events_) \
            .push_back(SharedFields<events::name>::read(record + kHeadWords, last_tick_));
        TRACYPY_SHARED_EVENTS(TRACYPY_TAKE_SHARED, )
#undef TRACYPY_TAKE_SHARED
        default:
            return;  // nobody writes others without a thread
    }
}

void OrderedLane::hand_on(events::EventSink& sink) {
    definitions_.tell(sink);
#define TRACYPY_HAND_ON(number, name, fields)                                                         \
    if (Batch<events::name>& batch = std::get<Batch<events::name>>(shared_events_); !batch.empty()) { \
        sink.take(batch);                                                                             \
        batch.clear();                                                                                \
    }
    TRACYPY_SHARED_EVENTS(TRACYPY_HAND_ON, )
#undef TRACYPY_HAND_ON
    const Word* at = words_.data();
    for (events::OrderedEvent& event : events_) {
        event.words = {at, event.words.size()};
        at += event.words.size();
    }
    if (!events_.empty()) sink.ordered_events(events_);
    events_.clear();
    words_.clear();
}

// Nobody may ever write into it again.
void OrderedLane::give_back_shared() noexcept {
    const std::lock_guard lock(mutex_);
    const EventQueue::Unread unread = shared_.unread();
    if (unread.first == unread.last) shared_.clear();
}

std::size_t OrderedLane::drain(events::EventSink& sink, std::size_t max_words) {
    const base::Ticks until = base::ordered_ticks();  // before any queue is looked at
    queues_.push_back(&shared_);
    for (std::size_t i = 0; i < queues_.size(); ++i) add_head(*queues_[i], i, until);
    std::size_t words = 0;
    while (!heads_.empty() && words < max_words) {
        std::pop_heap(heads_.begin(), heads_.end(), std::greater<>{});
        const Head head = heads_.back();
        heads_.pop_back();
        words += take(head);
        add_head(*head.queue, head.order, until);
    }
    heads_.clear();
    queues_.clear();
    hand_on(sink);
    if (words != 0) give_back_shared();
    return words;
}

void OrderedLane::clear() noexcept {
    const std::lock_guard lock(mutex_);
    shared_.clear();
    open_.clear();
    cut_.clear();
}

}  // namespace tracypy::recorder
