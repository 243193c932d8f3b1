// The one walk over a thread's words. It says what happened in the order in which it did, and makes it right first:
// times never go back, an end has its begin, what belongs to a zone finds one open. What does not is left out and told
// to the visitor, which counts.
//
// Each sink keeps a walk for each thread, from the thread's first batch on.
#pragma once

#include <cstdint>
#include <span>

#include "base/row_clock.hpp"
#include "events/words.hpp"

namespace tracypy::events {

/// `Clock`: what becomes of the times, one of base/row_clock.hpp.
///
/// A visitor has on(event) for every kind of the vocabulary, so that the compiler asks what it does with each, and
/// dropped(). It is copied now and then: it consists of pointers and of what the hot loop wants in registers.
template <typename Clock>
class ThreadWalk {
public:
    explicit ThreadWalk(const Clock& clock) noexcept : clock_(clock), reading_(clock.last()) {}

    template <typename Visitor>
    void walk(std::span<const Word> words, Visitor& visitor);

    /// Ends what is open, at `tick`.
    template <typename Visitor>
    void end_all(base::Ticks tick, Visitor& visitor) {
        for (; open_zones_ != 0; --open_zones_) visitor.on(ZoneEnd{clock_.end(tick)});
    }

    /// What comes is not before `tick`: another row of the same thread has come so far.
    void not_before(base::Ticks tick) noexcept { (void)clock_.moment(tick); }

    std::uint32_t open_zones() const noexcept { return open_zones_; }
    base::Ticks last_tick() const noexcept { return clock_.last(); }

private:
    template <typename Visitor>
    void rare_event(const Word* event, Visitor& visitor);
    template <typename Event, typename Visitor>
    void hand_over(Event event, Visitor& visitor);

    Clock clock_;
    base::Ticks reading_;  // of the last event, as it was read: what a near begin is near to
    std::uint32_t open_zones_ = 0;
};

/// Times as they were read.
using SteadyWalk = ThreadWalk<base::SteadyClock>;
/// Times as a captured program has sent them.
using CapturedWalk = ThreadWalk<base::CapturedClock>;
/// Times as a viewer is to see them.
using RowWalk = ThreadWalk<base::RowClock>;

template <typename Clock>
template <typename Visitor>
void ThreadWalk<Clock>::walk(std::span<const Word> words, Visitor& visitor) {
    const Word* event = words.data();
    const Word* const end = event + words.size();
    // In registers, all of it: nothing that is not inlined gets the address of these.
    Visitor hot = visitor;
    Clock clock = clock_;
    base::Ticks reading = reading_;
    std::uint32_t open_zones = open_zones_;
    while (event < end) {
        const Word head = event[0];
        if ((head & layout::kNearBegin) != 0) {
            reading = layout::near_tick_of(head, reading);
            hot.on(ZoneBegin{clock.begin(reading), BeginBits::of(head).location()});
            ++open_zones;
            event += kNearBeginWords;
        } else if ((head & layout::kTagMask) == layout::kEnd) {
            event += kEndWords;
            reading = layout::tick_of(head);
            if (open_zones == 0) [[unlikely]] {
                hot.dropped();
                continue;
            }
            --open_zones;
            hot.on(ZoneEnd{clock.end(reading)});
        } else {
            if (layout::words_at(event) > static_cast<std::size_t>(end - event)) [[unlikely]] {
                hot.dropped();
                break;
            }
            clock_ = clock;
            reading_ = reading;
            open_zones_ = open_zones;
            visitor = hot;
            rare_event(event, visitor);
            hot = visitor;
            clock = clock_;
            reading = reading_;
            open_zones = open_zones_;
            event += layout::words_at(event);
        }
    }
    visitor = hot;
    clock_ = clock;
    reading_ = reading;
    open_zones_ = open_zones;
}

template <typename Clock>
template <typename Visitor>
void ThreadWalk<Clock>::rare_event(const Word* event, Visitor& visitor) {
    switch (layout::kind_of(event[0])) {
#define TRACYPY_HAND_OVER(number, name, fields)                           \
    case number:                                                          \
        if constexpr (layout::kFieldWords[number] != layout::kNoSuchKind) \
            hand_over(layout::get<name>(event), visitor);                 \
        return;
        TRACYPY_THREAD_EVENTS(TRACYPY_HAND_OVER, )
#undef TRACYPY_HAND_OVER
        default:
            return;  // a kind that does not exist has more words than there are
    }
}

template <typename Clock>
template <typename Event, typename Visitor>
void ThreadWalk<Clock>::hand_over(Event event, Visitor& visitor) {
    if constexpr (ZoneDetail<Event>) {
        if (open_zones_ == 0) return visitor.dropped();
        visitor.on(event);
    } else if constexpr (ZoneOpening<Event>) {
        reading_ = event.tick;
        event.tick = clock_.begin(event.tick);
        visitor.on(event);
        ++open_zones_;
    } else {
        reading_ = event.tick;
        event.tick = clock_.moment(event.tick);
        visitor.on(event);
    }
}

}  // namespace tracypy::events
