// What the decoders of all kinds of event share: names, rows, times, and what was sent ahead of the event that uses it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "events/captured.hpp"
#include "events/event_sink.hpp"
#include "protocol/captured_callstacks.hpp"
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
        if constexpr (std::is_same_v<Event, events::ZoneBegin>) {
            is_near(event.tick) ? events::append_near(words_, event) : events::append(words_, event);
        } else {
            events::append(words_, event);
        }
        if constexpr (requires { event.tick; }) last_tick_ = event.tick;
    }
    /// Hands on what was collected.
    void flush() {
        if (!words_.empty()) sink_.thread_batch({row_, words_});
        words_.clear();
        row_ = base::ThreadId::None;
        last_tick_ = kNone;
    }

private:
    static constexpr base::Ticks kNone = INT64_MIN / 2;  // near to nothing

    /// To the event before it in the batch.
    bool is_near(base::Ticks tick) const noexcept {
        constexpr std::uint64_t kNear = std::uint64_t{1} << 40;
        return static_cast<std::uint64_t>(tick) - static_cast<std::uint64_t>(last_tick_) + kNear < 2 * kNear;
    }

    events::EventSink& sink_;
    base::ThreadId row_ = base::ThreadId::None;
    base::Ticks last_tick_ = kNone;
    std::vector<events::Word> words_;
};

/// One thread. Times come out as ticks since the start of the program, never below 0.
class DecoderState {
public:
    /// `captured_sink`: null when there is no place for what only captured programs have.
    DecoderState(const Dialect& spoken, const Welcome& said, base::Names& names_of_trace, PendingQueries& asked,
                 events::EventSink& receiver, events::CapturedSink* captured_sink)
        : dialect(spoken),
          welcome(said),
          sink(receiver),
          captured(captured_sink),
          batch(receiver),
          trace_names(names_of_trace),
          queries(asked),
          names(names_of_trace, asked),
          threads(names_of_trace, asked, receiver),
          callstacks(names_of_trace, asked, names.sources(), said.sends_code) {
        // Who has no executable time does not look for its sources.
        if (captured != nullptr && said.sends_code && said.program.executable_time_s != 0) names.sources().enable();
    }

    const Dialect& dialect;
    const Welcome welcome;
    events::EventSink& sink;  // of what belongs to no thread
    events::CapturedSink* const captured;
    BatchWriter batch;
    base::Names& trace_names;
    PendingQueries& queries;
    CapturedNames names;
    CapturedThreads threads;
    CapturedCallstacks callstacks;
    UnsupportedCounts unsupported;

    /// Hands on what only captured programs have; `misfit`: what it is if it fits nothing before it.
    template <typename Event>
    void take(const Event& event, std::string_view misfit) {
        if (!captured->take(event)) unsupported.count_misfit(misfit);
    }

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

    /// Of a time that makes no trace longer: of something long ago, perhaps. Throws PeerError where none can be.
    base::Ticks past_tick(std::int64_t tick) const {
        // The header of an event has 60 bits for a time; a viewer has room for 2^47 ns.
        constexpr std::uint64_t kLargestTick = std::uint64_t{1} << 59;
        const std::uint64_t ticks = static_cast<std::uint64_t>(tick) - static_cast<std::uint64_t>(welcome.first_tick);
        if (ticks <= kLargestTick) [[likely]] {
            return static_cast<base::Ticks>(ticks);
        }
        if (static_cast<std::int64_t>(ticks) < 0) return 0;
        refuse_time(tick);
    }
    /// Of a whole tick, which may lie before the start; moves nothing.
    std::int64_t ns_of(std::int64_t tick) const noexcept {
        const auto ticks = static_cast<std::int64_t>(static_cast<std::uint64_t>(tick) -
                                                     static_cast<std::uint64_t>(welcome.first_tick));
        return to_whole_ns(static_cast<double>(ticks) * welcome.nanoseconds_per_tick);
    }
    /// Where a running time is now, that of a GPU.
    std::int64_t advance_gpu(std::int64_t step) noexcept { return times_.advance(TimeReference::Gpu, step); }
    /// Whatever a program says, this is a time of a trace, or one before it.
    static std::int64_t to_whole_ns(double ns) noexcept {
        constexpr double kFarthest = 140'000'000'000'000.0;  // viewers keep 47 bits
        return static_cast<std::int64_t>(ns > -kFarthest ? (ns < kFarthest ? ns : kFarthest) : -kFarthest);
    }

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
    void send_second_ahead(std::string_view text) {
        second_text_ = text;
        has_second_text_ = true;
    }
    void send_ahead(base::SourceLocationId location) noexcept {
        location_ = location;
        has_location_ = true;
    }
    /// They throw PeerError when nothing was sent ahead.
    std::string take_text(const char* needed_by);
    std::string take_second_text(const char* needed_by);
    base::SourceLocationId take_location();
    /// Uses up what was sent ahead for an event that is not decoded.
    void drop(Takes what) noexcept {
        if (what == Takes::Text || what == Takes::TwoTexts) has_text_ = false;
        if (what == Takes::TwoTexts) has_second_text_ = false;
        if (what == Takes::Location) has_location_ = false;
    }
    bool is_within_event() const noexcept {
        return has_text_ || has_location_ || callstacks.is_pending() || has_data_ahead;
    }
    bool has_data_ahead = false;  // of a picture

    /// One more thing that the program has: a plot, a lock, a set of frames, a thread of another program.
    void note_thing() noexcept { ++things_; }
    /// What is remembered of the program, roughly, besides its names.
    std::size_t bytes() const noexcept {
        constexpr std::size_t kBytesEach = 96;
        return threads.bytes() + callstacks.bytes() + names.source_bytes() + things_ * kBytesEach;
    }

    /// The stack that was sent ahead for the next event of the selected row that has one, or None.
    base::CallstackId take_callstack(CapturedRow& row) noexcept {
        return std::exchange(row.next_callstack, base::CallstackId::None);
    }
    /// Likewise of those events that have one order over all threads.
    base::CallstackId serial_callstack = base::CallstackId::None;
    base::CallstackId take_serial_callstack() noexcept {
        return std::exchange(serial_callstack, base::CallstackId::None);
    }

private:
    base::Ticks since_start(std::int64_t tick) {
        const base::Ticks ticks = past_tick(tick);
        last_tick_ = std::max(last_tick_, ticks);
        return ticks;
    }
    [[noreturn]] static void refuse_time(std::int64_t tick);
    void notice_selected(const char* needed_by);

    TimeReferences times_;
    base::Ticks last_tick_ = 0;
    std::size_t things_ = 0;

    bool has_thread_ = false;
    std::uint32_t thread_ = 0;
    CapturedRow* row_ = nullptr;  // of the selected thread, once it is noticed

    std::string text_;
    bool has_text_ = false;
    std::string second_text_;
    bool has_second_text_ = false;
    base::SourceLocationId location_ = base::SourceLocationId::Other;
    bool has_location_ = false;
};

}  // namespace tracypy::protocol
