// What the decoders of all kinds of event share: names, rows, times, and what was sent ahead of the event that uses it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/event_sink.hpp"
#include "protocol/captured_names.hpp"
#include "protocol/captured_threads.hpp"
#include "protocol/event_access.hpp"
#include "protocol/schema.hpp"
#include "protocol/unsupported_events.hpp"

namespace tracypy::protocol {

/// Events of one row after the other, on their way to the sink.
class BatchWriter {
public:
    explicit BatchWriter(events::EventSink& sink) : sink_(sink) {}

    template <events::ThreadEvent Event>
    void add(base::ThreadId row, const Event& event) {
        if (row_ != row) [[unlikely]] {
            flush();
            row_ = row;
        }
        events::append(words_, event);
    }
    /// Hands on what was collected.
    void flush() {
        if (!words_.empty()) sink_.thread_batch({row_, words_});
        words_.clear();
        row_ = base::ThreadId::None;
    }

private:
    events::EventSink& sink_;
    base::ThreadId row_ = base::ThreadId::None;
    std::vector<events::Word> words_;
};

/// One thread. Times come out as ticks since the start of the program, never below 0.
class DecoderState {
public:
    DecoderState(const Dialect& spoken, std::int64_t first_tick, base::Names& names_of_trace, PendingQueries& queries,
                 events::EventSink& receiver)
        : dialect(spoken),
          sink(receiver),
          batch(receiver),
          trace_names(names_of_trace),
          names(names_of_trace, queries),
          threads(names_of_trace, queries, receiver),
          first_tick_(first_tick) {}

    const Dialect& dialect;
    events::EventSink& sink;  // of what belongs to no thread
    BatchWriter batch;
    base::Names& trace_names;
    CapturedNames names;
    CapturedThreads threads;
    UnsupportedCounts unsupported;

    /// The time of a field: moves the reference that its row names. A time of a GPU's own clock is not a tick of ours:
    /// 0.
    template <WireEvent kEvent, std::size_t kSlot>
    base::Ticks tick_at(const Incoming<kEvent>& event) {
        constexpr TimeReference kReference = reference_of(field_at(kEvent, kSlot).role);
        if constexpr (kReference == TimeReference::None) {
            return since_start(event.template at<kSlot>());
        } else {
            const base::Ticks time = times_.advance(kReference, event.template step_at<kSlot>());
            return kReference == TimeReference::Gpu ? 0 : since_start(time);
        }
    }
    template <WireEvent kEvent>
    base::Ticks tick_of(const Incoming<kEvent>& event) {
        return tick_at<kEvent, Incoming<kEvent>::template slot<"time">()>(event);
    }
    /// The last time seen.
    base::Ticks last_tick() const noexcept { return last_tick_; }

    /// What follows belongs to `thread`.
    void select(std::uint32_t thread);
    /// The row of the selected thread, or of the fiber that runs on it. Throws PeerError when none was selected.
    CapturedRow& current(const char* needed_by) {
        if (row_ == nullptr) [[unlikely]] {
            notice_selected(needed_by);
        }
        return row_->fiber != nullptr ? *row_->fiber : *row_;
    }

    void send_ahead(std::string_view text) {
        text_ = text;
        has_text_ = true;
    }
    void send_ahead(base::SourceLocationId location) noexcept {
        location_ = location;
        has_location_ = true;
    }
    /// They throw PeerError when nothing was sent ahead.
    std::string take_text(const char* needed_by);
    base::SourceLocationId take_location();
    /// Uses up what was sent ahead for an event that is not decoded.
    void drop(Takes what) noexcept {
        if (what == Takes::Text || what == Takes::TwoTexts) has_text_ = false;
        if (what == Takes::Location) has_location_ = false;
    }
    bool is_within_event() const noexcept { return has_text_ || has_location_; }

private:
    base::Ticks since_start(std::int64_t tick);
    void notice_selected(const char* needed_by);

    TimeReferences times_;
    std::int64_t first_tick_;
    base::Ticks last_tick_ = 0;

    bool has_thread_ = false;
    std::uint32_t thread_ = 0;
    CapturedRow* row_ = nullptr;  // of the selected thread, once it is noticed

    std::string text_;
    bool has_text_ = false;
    base::SourceLocationId location_ = base::SourceLocationId::Other;
    bool has_location_ = false;
};

}  // namespace tracypy::protocol
