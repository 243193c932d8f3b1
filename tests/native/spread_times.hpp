// What base::RowClock does, by the book: with a stack of the zones that are open, event by event.
#pragma once

#include <algorithm>
#include <map>
#include <vector>

#include "events/event_sink.hpp"

namespace tracypy::native_tests {

/// Hands the same events on, with the times that a viewer is to see.
class SpreadTimes final : public events::EventSink {
public:
    SpreadTimes(events::EventSink& next, base::Ticks start, base::Ticks shortest)
        : next_(next), start_(start), shortest_(shortest) {}

    void thread_batch(const events::ThreadBatch& batch) override {
        Row& row = rows_.try_emplace(batch.thread, Row{start_, {}}).first->second;
        std::vector<events::Word> words(batch.words.begin(), batch.words.end());
        for (std::size_t at = 0; at < words.size(); at += events::event_words(&words[at])) {
            const events::Kind kind = events::kind_of(words[at]);
            const bool has_time =
                kind == events::Kind::ZoneBegin || kind == events::Kind::ZoneEnd || kind == events::Kind::Message;
            if (!has_time || (kind == events::Kind::ZoneEnd && row.begins.empty())) continue;
            row.last = std::max(row.last, static_cast<base::Ticks>(events::payload_of(words[at])));
            if (kind == events::Kind::ZoneBegin) row.begins.push_back(row.last);
            if (kind == events::Kind::ZoneEnd) {
                row.last = std::max(row.last, row.begins.back() + shortest_);
                row.begins.pop_back();
            }
            words[at] = events::header(kind, static_cast<events::Word>(row.last));
        }
        next_.thread_batch({batch.thread, words});
    }
    void frame_marks(std::span<const events::FrameMark> marks) override { next_.frame_marks(marks); }

private:
    struct Row {
        base::Ticks last;
        std::vector<base::Ticks> begins;
    };
    events::EventSink& next_;
    const base::Ticks start_;
    const base::Ticks shortest_;
    std::map<base::ThreadId, Row> rows_;
};

}  // namespace tracypy::native_tests
