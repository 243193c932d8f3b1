// The words of a thread as batches of its row, and of those of its fibers.
//
// What lies between the beginning and the end of a fiber's run belongs to its row. A near begin says its time relative
// to the event before it on the thread; who reads a row alone knows only what was before it there, which may be long
// ago while fibers have run. So the first one of the thread's own is then made a far one.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "base/ids.hpp"
#include "events/event.hpp"
#include "events/words.hpp"

namespace tracypy::recorder {

/// Of one thread; for the drain alone. It goes on from one call to the next.
class RowBatches {
public:
    /// As long as that nothing can go wrong: an eighth of how far a near begin reaches.
    static constexpr base::Ticks kOld = base::Ticks{1} << 41;

    constexpr explicit RowBatches(base::ThreadId thread) noexcept : thread_(thread) {}

    /// Nothing is running; another session begins.
    void clear() noexcept { *this = RowBatches(thread_); }
    /// Words that belong to whatever runs now.
    events::ThreadBatch batch(std::span<const events::Word> words) const noexcept {
        if (fiber_ == base::ThreadId::None) return {thread_, words};
        return {fiber_, words, thread_};
    }
    /// Calls `hand(batch)` for each. May throw std::bad_alloc.
    template <typename Hand>
    void split(std::span<const events::Word> words, Hand&& hand);

private:
    template <typename Hand>
    void hand_over(const events::Word* first, const events::Word* last, Hand&& hand);
    template <typename Hand>
    const events::Word* make_near_again(const events::Word* first, const events::Word* last, Hand&& hand);

    base::ThreadId thread_;
    base::ThreadId fiber_ = base::ThreadId::None;  // that runs
    base::Ticks own_tick_ = 0;                     // a tick that the thread's row has come to
    base::Ticks left_tick_ = 0;                    // of the end of the last run
};

template <typename Hand>
void RowBatches::split(std::span<const events::Word> words, Hand&& hand) {
    const events::Word* first = words.data();
    const events::Word* const end = first + words.size();
    for (const events::Word* at = first; at < end;) {
        const events::Word* const next = at + events::layout::words_at(at);
        if (events::layout::is<events::FiberEnter>(at)) {
            hand_over(std::exchange(first, at), at, hand);
            fiber_ = events::layout::get<events::FiberEnter>(at).fiber;
        } else if (events::layout::is<events::FiberLeave>(at)) {
            hand_over(std::exchange(first, next), next, hand);
            fiber_ = base::ThreadId::None;
            left_tick_ = events::layout::get<events::FiberLeave>(at).tick;
        }
        at = next;
    }
    hand_over(first, end, hand);
}

template <typename Hand>
void RowBatches::hand_over(const events::Word* first, const events::Word* last, Hand&& hand) {
    const bool is_old = fiber_ == base::ThreadId::None && left_tick_ - own_tick_ > kOld;
    if (is_old) [[unlikely]] {
        first = make_near_again(first, last, hand);
    }
    if (first != last) hand(batch({first, last}));
}

// Returns what is not handed over yet.
template <typename Hand>
const events::Word* RowBatches::make_near_again(const events::Word* first, const events::Word* last, Hand&& hand) {
    namespace layout = events::layout;
    for (const events::Word* at = first; at < last; at += layout::words_at(at)) {
        const bool is_near_begin = (*at & layout::kNearBegin) != 0;
        if (!is_near_begin && (*at & layout::kTagMask) != layout::kEnd) continue;
        own_tick_ = is_near_begin ? layout::near_tick_of(*at, left_tick_) : layout::tick_of(*at);
        if (!is_near_begin) break;
        if (first != at) hand(batch({first, at}));
        std::vector<events::Word> far;
        events::append(far, events::ZoneBegin{own_tick_, events::BeginBits::of(*at).location()});
        hand(batch(far));
        return at + events::kNearBeginWords;
    }
    return first;
}

}  // namespace tracypy::recorder
