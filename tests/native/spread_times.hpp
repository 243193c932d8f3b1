// What base::RowClock does, by the book: with a stack of the zones that are open, event by event.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "events/event_sink.hpp"
#include "events/thread_walk.hpp"

namespace tracypy::native_tests {

/// Hands the same events on, with the times that a viewer is to see.
class SpreadTimes final : public events::UniformSink<SpreadTimes> {
public:
    SpreadTimes(events::EventSink& next, base::Ticks start, base::Ticks shortest)
        : next_(next), start_(start), shortest_(shortest) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        Row& row = rows_.try_emplace(batch.thread, Row{events::SteadyWalk(base::SteadyClock(start_)), start_, {}})
                       .first->second;
        std::vector<events::Word> words;
        Visitor visitor{shortest_, &row, &words};
        row.walk.walk(batch.words, visitor);
        next_.thread_batch({batch.thread, words});
    }
    template <typename Event>
    void take_any(std::span<const Event> events) {
        next_.take(events);
    }

private:
    struct Row {
        events::SteadyWalk walk;
        base::Ticks last;
        std::vector<base::Ticks> begins;
    };
    struct Visitor {
        template <events::ZoneOpening Event>
        void on(Event zone) {
            row->last = zone.tick = std::max(row->last, zone.tick);
            row->begins.push_back(row->last);
            events::append(*words, zone);
        }
        void on(const events::ZoneEnd& zone) {
            row->last = std::max({row->last, zone.tick, row->begins.back() + shortest});
            row->begins.pop_back();
            events::append(*words, events::ZoneEnd{row->last});
        }
        template <events::ZoneDetail Event>
        void on(const Event& event) {
            events::append(*words, event);
        }
        template <events::ThreadMoment Event>
        void on(Event event) {
            event.tick = row->last = std::max(row->last, event.tick);
            events::append(*words, event);
        }
        void dropped() { events::append(*words, events::ZoneText{}); }

        base::Ticks shortest;
        Row* row;
        std::vector<events::Word>* words;
    };
    events::EventSink& next_;
    const base::Ticks start_;
    const base::Ticks shortest_;
    std::map<base::ThreadId, Row> rows_;
};

}  // namespace tracypy::native_tests
