// Meaning in, wire events out. The hot half of a session: everything here is a few stores per event.
//
// An event goes out by its row: write<WireEvent::FrameMarkMsg>(tick, name). Values of another number or of other types
// than the row has fields do not compile. Only zones, of which there are millions, are put together by hand.
//
// Must not know: sockets, clocks, what an id means.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "events/thread_walk.hpp"
#include "protocol/callstack_ids.hpp"
#include "protocol/event_access.hpp"
#include "protocol/location_ids.hpp"
#include "protocol/schema.hpp"
#include "protocol/time_references.hpp"
#include "protocol/wire_block_writer.hpp"

namespace tracypy::protocol {

/// One thread.
class Encoder {
public:
    Encoder(const Dialect& dialect, OutputBuffer& output, Packing packing);

    const Dialect& dialect() const noexcept { return dialect_; }
    WireBlockWriter& writer() noexcept { return writer_; }
    void flush() { writer_.flush(); }

    /// What follows belongs to `thread`.
    void select_thread(base::ThreadId thread);
    bool has_thread() const noexcept { return thread_.has_value(); }

    /// Where the events' call stacks come from. Without, they are left out. `callstacks` must outlive the encoder.
    void take_callstacks_from(CallstackIds& callstacks) noexcept { callstacks_ = &callstacks; }

    /// Sends a call stack ahead of the selected thread's next event. False: there is none.
    bool callstack(base::CallstackId id);
    /// Where a thread was at that moment. Nothing is sent without the stack.
    void sample(base::Ticks tick, base::ThreadId thread, base::CallstackId callstack, bool is_at_switch);

    /// Sends a call stack ahead of the next event of those that have one order over all threads. False: there is none.
    bool serial_callstack(base::CallstackId id);

    /// The events of the selected thread. What has no open zone to belong to is left out and counted; times are
    /// those of the thread's clock.
    void thread_events(std::span<const events::Word> words, events::RowWalk& thread, LocationIds& locations);

    /// Ends whatever the selected thread has open.
    void close_zones(events::RowWalk& thread, base::Ticks tick);

    /// Any event by its row: a value for each field in the order of the row, then the text or the data behind them.
    /// Times are ticks, whatever they are sent relative to. A field that the dialect does not have yet is left out, and
    /// so is an event, which is counted. A text is cut to 65,535 bytes, data to kMaxData.
    template <WireEvent kEvent, typename... Values>
        requires(fits_row<kEvent, Values...>())
    void write(Values... values);
    /// Whether the dialect has the field.
    template <WireEvent kEvent, FieldName kName>
    bool has_field() const noexcept {
        return dialect_.place(kEvent, slot_of(kEvent, kName.view())) != Dialect::kAbsent;
    }
    /// What fits into a block beside its event.
    static constexpr std::size_t kMaxData = WireBlockWriter::kBlockBytes - 16;

    /// The events that come are those of a fiber on the selected thread, which may run already; None: of the thread
    /// itself, as those of other fibers are dropped.
    void select_fiber(base::ThreadId fiber, bool is_running, std::int32_t group_hint = 0) noexcept {
        fiber_ = fiber;
        fiber_hint_ = group_hint;
        is_fiber_running_ = is_running;
    }
    /// The selected thread runs a fiber from now on, or none any more.
    void enter_fiber(base::Ticks tick, base::ThreadId fiber);
    void leave_fiber(base::Ticks tick);
    bool is_fiber_running() const noexcept { return is_fiber_running_; }
    /// Rows of one group stand together: of the selected thread, which the viewer knows already.
    void group_hint(std::int32_t hint);

    /// Texts that the next event picks up.
    void single_string(std::string_view text);
    void second_string(std::string_view text);

    /// Events that had nothing to belong to, or that no reader could understand.
    std::uint64_t dropped_events() const noexcept { return dropped_events_; }

private:
    /// Numbers that the hot loop needs, side by side.
    struct ZoneNumbers {
        std::uint8_t begin, begin32, begin16, end, end32, end16;
    };

    template <bool kSmallDeltas>
    class Zones;
    template <bool kSmallDeltas>
    static char* put_begin(char* cursor, const ZoneNumbers& numbers, base::Ticks delta, std::uint64_t location);
    template <bool kSmallDeltas>
    static char* put_end(char* cursor, const ZoneNumbers& numbers, base::Ticks delta);

    void event(const events::ZoneText& event);
    void event(const events::ZoneName& event);
    void event(const events::ZoneValue& event);
    void event(const events::ZoneColor& event);
    void event(const events::Message& event);
    void event(const events::FiberEnter& event);
    void event(const events::FiberLeave& event);
    template <WireEvent kEvent, typename Time>
    void put_sample(base::ThreadId thread, Time time);
    template <WireEvent kWide, WireEvent k32, WireEvent k16>
    void put_sample_after(base::ThreadId thread, std::int64_t difference);
    void short_or_long_string(WireEvent short_form, WireEvent long_form, std::string_view text);
    char* start(WireEvent event, std::size_t tail_bytes = 0);
    template <WireEvent kEvent, std::size_t kSlot, typename Value>
    void store(char* body, Value value);
    static std::string_view cut_tail(Tail kind, std::string_view tail) noexcept;
    static char* put_tail(char* cursor, Tail kind, std::string_view tail) noexcept;

    const Dialect& dialect_;
    WireBlockWriter writer_;
    ZoneNumbers zone_numbers_;
    ZoneNumbers callstack_zone_numbers_;
    CallstackIds* callstacks_ = nullptr;
    std::optional<base::ThreadId> thread_;
    TimeReferences times_;
    base::ThreadId fiber_ = base::ThreadId::None;
    bool is_fiber_running_ = false;
    std::int32_t fiber_hint_ = 0;
    std::uint64_t dropped_events_ = 0;
};

template <WireEvent kEvent, std::size_t kSlot, typename Value>
void Encoder::store(char* body, Value value) {
    constexpr Field kField = field_at(kEvent, kSlot);
    const std::uint8_t place = dialect_.place(kEvent, kSlot);
    if (!is_always_there(kEvent, kSlot) && place == Dialect::kAbsent) return;
    if constexpr (reference_of(kField.role) != TimeReference::None) {
        static_assert(kField.type == FieldType::I64 && !has_short_forms(kField.role), "zones are written by encode()");
        value = times_.move_to(reference_of(kField.role), value);
    }
    put_bytes(body + place, &value, size_of(kField.type));
}

template <WireEvent kEvent, typename... Values>
    requires(fits_row<kEvent, Values...>())
void Encoder::write(Values... values) {
    if (!dialect_.has(kEvent)) [[unlikely]] {
        ++dropped_events_;
        return;
    }
    constexpr Tail kTail = row_of(kEvent).tail;
    static_assert(!is_biased_text(kEvent) && kTail != Tail::NotOnWire, "texts sent ahead have functions of their own");
    const std::tuple<Values...> all(values...);
    std::string_view tail;
    if constexpr (kTail != Tail::None) tail = cut_tail(kTail, std::get<sizeof...(Values) - 1>(all));
    char* const body = start(kEvent, kTail == Tail::None ? 0 : width_of(kTail) + tail.size());
    [&]<std::size_t... kSlots>(std::index_sequence<kSlots...>) {
        (store<kEvent, kSlots>(body, std::get<kSlots>(all)), ...);
    }(std::make_index_sequence<slots_of(kEvent)>{});
    writer_.advance(put_tail(body + dialect_.fixed_size(kEvent) - 1, kTail, tail));
}

}  // namespace tracypy::protocol
