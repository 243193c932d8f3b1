#include "protocol/encoder.hpp"

#include "base/string_table.hpp"
#include "protocol/kinds/callstacks.hpp"
#include "protocol/kinds/messages.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

// The loop over zones knows their layout, which is the same in all protocols.
constexpr std::size_t kLargestZoneEvent = kDialects.back().fixed_size(WireEvent::ZoneBegin);
static_assert(fixed_place(WireEvent::ZoneBegin, 0) == 0 && fixed_place(WireEvent::ZoneBegin, 1) == 8);
static_assert(fixed_place(WireEvent::ZoneBegin32, 0) == 0 && fixed_place(WireEvent::ZoneBegin32, 1) == 4);
static_assert(fixed_place(WireEvent::ZoneBegin16, 0) == 0 && fixed_place(WireEvent::ZoneBegin16, 1) == 2);
static_assert(fixed_place(WireEvent::ZoneBeginCallstack, 0) == 0 && fixed_place(WireEvent::ZoneBeginCallstack, 1) == 8);
static_assert(fixed_place(WireEvent::ZoneBeginCallstack32, 1) == 4);
static_assert(fixed_place(WireEvent::ZoneBeginCallstack16, 1) == 2);
static_assert(slots_of(WireEvent::ZoneBegin) == 2 && slots_of(WireEvent::ZoneEnd) == 1);

}  // namespace

Encoder::Encoder(const Dialect& dialect, OutputBuffer& output, Packing packing)
    : dialect_(dialect),
      writer_(output, packing),
      zone_numbers_{dialect.number(WireEvent::ZoneBegin),   dialect.number(WireEvent::ZoneBegin32),
                    dialect.number(WireEvent::ZoneBegin16), dialect.number(WireEvent::ZoneEnd),
                    dialect.number(WireEvent::ZoneEnd32),   dialect.number(WireEvent::ZoneEnd16)},
      callstack_zone_numbers_(zone_numbers_) {
    callstack_zone_numbers_.begin = dialect.number(WireEvent::ZoneBeginCallstack);
    callstack_zone_numbers_.begin32 = dialect.number(WireEvent::ZoneBeginCallstack32);
    callstack_zone_numbers_.begin16 = dialect.number(WireEvent::ZoneBeginCallstack16);
}

char* Encoder::start(WireEvent event, std::size_t tail_bytes) {
    char* const cursor = writer_.reserve(dialect_.fixed_size(event) + tail_bytes);
    return put(cursor, dialect_.number(event));
}

void Encoder::select_thread(base::ThreadId thread) {
    if (thread_ == thread) return;
    write<WireEvent::ThreadContext>(thread);
    thread_ = thread;
    times_.select_thread();
}

template <bool kSmallDeltas>
char* Encoder::put_begin(char* cursor, const ZoneNumbers& numbers, base::Ticks delta, std::uint64_t location) {
    if constexpr (kSmallDeltas) {
        if (delta < kBias16) [[likely]] {
            cursor = put(cursor, numbers.begin16);
            cursor = put(cursor, static_cast<std::uint16_t>(delta));
        } else if (delta < kBias32) {
            cursor = put(cursor, numbers.begin32);
            cursor = put(cursor, static_cast<std::uint32_t>(delta - kBias16));
        } else {
            cursor = put(cursor, numbers.begin);
            cursor = put(cursor, delta - kBias32);
        }
    } else {
        cursor = put(cursor, numbers.begin);
        cursor = put(cursor, delta);
    }
    return put(cursor, location);
}

template <bool kSmallDeltas>
char* Encoder::put_end(char* cursor, const ZoneNumbers& numbers, base::Ticks delta) {
    if constexpr (kSmallDeltas) {
        if (delta < kBias16) [[likely]] {
            cursor = put(cursor, numbers.end16);
            return put(cursor, static_cast<std::uint16_t>(delta));
        }
        if (delta < kBias32) {
            cursor = put(cursor, numbers.end32);
            return put(cursor, static_cast<std::uint32_t>(delta - kBias16));
        }
        delta -= kBias32;
    }
    cursor = put(cursor, numbers.end);
    return put(cursor, delta);
}

/// Where the hot loop is. Deltas are never negative here: the clock of a thread never goes back, and the reference is
/// either its last tick or, after a switch of threads, zero.
template <bool kSmallDeltas>
class Encoder::Zones {
public:
    Zones(Encoder& encoder, LocationIds* locations) noexcept
        : encoder_(&encoder), locations_(locations), numbers_(encoder.zone_numbers_) {
        pick_up();
    }

    void on(const events::ZoneBegin& zone) { begin(zone, numbers_); }
    void on(const events::ZoneBeginCallstack& zone) {
        finish();
        const bool has_callstack = encoder_->callstack(zone.callstack);
        pick_up();
        begin(events::without_callstack(zone), has_callstack ? encoder_->callstack_zone_numbers_ : numbers_);
    }
    void on(const events::ZoneEnd& zone) {
        make_room();
        cursor_ = put_end<kSmallDeltas>(cursor_, numbers_, zone.tick - reference_);
        reference_ = zone.tick;
    }
    template <events::ThreadEvent Event>
    void on(const Event& event) {
        finish();
        encoder_->event(event);
        pick_up();
    }
    void dropped() noexcept { ++encoder_->dropped_events_; }

    /// Hands the cursor and the thread's running time back to the encoder.
    void finish() noexcept {
        encoder_->writer_.advance(cursor_);
        encoder_->times_.move_to(TimeReference::Thread, reference_);
    }

private:
    void begin(const events::ZoneBegin& zone, const ZoneNumbers& numbers) {
        make_room();
        const auto location = locations_->wire_id(static_cast<std::uint64_t>(zone.location));
        cursor_ = put_begin<kSmallDeltas>(cursor_, numbers, zone.tick - reference_, location);
        reference_ = zone.tick;
    }
    void pick_up() noexcept {
        cursor_ = encoder_->writer_.cursor();
        limit_ = encoder_->writer_.limit() - kLargestZoneEvent;
        reference_ = encoder_->times_.last(TimeReference::Thread);
    }
    void make_room() {
        if (cursor_ <= limit_) [[likely]] {
            return;
        }
        finish();
        encoder_->writer_.flush();
        pick_up();
    }

    Encoder* encoder_;
    LocationIds* locations_;
    ZoneNumbers numbers_;
    base::Ticks reference_ = 0;
    char* cursor_ = nullptr;
    const char* limit_ = nullptr;
};

void Encoder::thread_events(std::span<const events::Word> words, events::RowWalk& thread, LocationIds& locations) {
    if (dialect_.short_times) {
        Zones<true> zones(*this, &locations);
        thread.walk(words, zones);
        zones.finish();
    } else {
        Zones<false> zones(*this, &locations);
        thread.walk(words, zones);
        zones.finish();
    }
}

void Encoder::close_zones(events::RowWalk& thread, base::Ticks tick) {
    if (dialect_.short_times) {
        Zones<true> zones(*this, nullptr);
        thread.end_all(tick, zones);
        zones.finish();
    } else {
        Zones<false> zones(*this, nullptr);
        thread.end_all(tick, zones);
        zones.finish();
    }
}

void Encoder::event(const events::ZoneText& event) {
    single_string(event.text);
    write<WireEvent::ZoneText>();
}

void Encoder::event(const events::ZoneName& event) {
    single_string(event.text);
    write<WireEvent::ZoneName>();
}

void Encoder::event(const events::ZoneValue& event) {
    write<WireEvent::ZoneValue>(event.value);
}

void Encoder::event(const events::ZoneColor& event) {
    write<WireEvent::ZoneColor>(event.color);
}

void Encoder::event(const events::Message& event) {
    kinds::write_message(*this, event, callstack(event.callstack));
}

bool Encoder::callstack(base::CallstackId id) {
    return callstacks_ != nullptr && kinds::write_callstack(*this, *callstacks_, id);
}

template <WireEvent kEvent, typename Time>
void Encoder::put_sample(base::ThreadId thread, Time time) {
    char* const body = start(kEvent);
    put_bytes(body + dialect_.place(kEvent, slot_of(kEvent, "time")), &time, sizeof(time));
    put_bytes(body + dialect_.place(kEvent, slot_of(kEvent, "thread")), &thread, sizeof(thread));
    writer_.advance(body + dialect_.fixed_size(kEvent) - 1);
}

template <WireEvent kWide, WireEvent k32, WireEvent k16>
void Encoder::put_sample_after(base::ThreadId thread, std::int64_t difference) {
    if (!dialect_.short_times || difference < 0) return put_sample<kWide>(thread, difference);
    if (difference < kBias16) return put_sample<k16>(thread, static_cast<std::uint16_t>(difference));
    if (difference < kBias32) return put_sample<k32>(thread, static_cast<std::uint32_t>(difference - kBias16));
    put_sample<kWide>(thread, difference - kBias32);
}

void Encoder::sample(base::Ticks tick, base::ThreadId thread, base::CallstackId callstack, bool is_at_switch) {
    using enum WireEvent;
    if (callstacks_ == nullptr || !kinds::write_payload(*this, *callstacks_, callstack)) return void(++dropped_events_);
    const std::int64_t difference = times_.move_to(TimeReference::Switch, tick);
    if (is_at_switch) {
        put_sample_after<CallstackSampleContextSwitch, CallstackSampleContextSwitch32, CallstackSampleContextSwitch16>(
            thread, difference);
    } else {
        put_sample_after<CallstackSample, CallstackSample32, CallstackSample16>(thread, difference);
    }
}

bool Encoder::serial_callstack(base::CallstackId id) {
    return callstacks_ != nullptr && kinds::write_callstack<WireEvent::CallstackSerial>(*this, *callstacks_, id);
}

// A viewer leaves at the end of a run that has not begun.
void Encoder::event(const events::FiberEnter& event) {
    const bool is_expected = fiber_ != base::ThreadId::None && event.fiber == fiber_ && !is_fiber_running_;
    if (!is_expected) return void(++dropped_events_);
    enter_fiber(event.tick, event.fiber);
}

void Encoder::event(const events::FiberLeave& event) {
    if (!is_fiber_running_) return void(++dropped_events_);
    leave_fiber(event.tick);
}

void Encoder::enter_fiber(base::Ticks tick, base::ThreadId fiber) {
    is_fiber_running_ = true;
    write<WireEvent::FiberEnter>(tick, static_cast<std::uint64_t>(fiber), *thread_, fiber_hint_);
}

void Encoder::group_hint(std::int32_t hint) {
    if (dialect_.has(WireEvent::ThreadGroupHint)) write<WireEvent::ThreadGroupHint>(*thread_, hint);
}

void Encoder::leave_fiber(base::Ticks tick) {
    is_fiber_running_ = false;
    write<WireEvent::FiberLeave>(tick, *thread_);
}

std::string_view Encoder::cut_tail(Tail kind, std::string_view tail) noexcept {
    if (kind == Tail::Data32) return tail.substr(0, kMaxData);
    return base::cut_utf8(tail, kind == Tail::Text8 ? UINT8_MAX : base::StringTable::kMaxStringBytes);
}

char* Encoder::put_tail(char* cursor, Tail kind, std::string_view tail) noexcept {
    if (kind == Tail::None) return cursor;
    const auto length = static_cast<std::uint32_t>(tail.size());
    cursor = put_bytes(cursor, &length, width_of(kind));  // the lower part of it
    return put_bytes(cursor, tail.data(), tail.size());
}

void Encoder::single_string(std::string_view text) {
    short_or_long_string(WireEvent::SingleStringData8, WireEvent::SingleStringData, text);
}

void Encoder::second_string(std::string_view text) {
    short_or_long_string(WireEvent::SecondStringData8, WireEvent::SecondStringData, text);
}

// Since protocol 80 the long form holds the length less kLengthBias: what is shorter has the short form.
void Encoder::short_or_long_string(WireEvent short_form, WireEvent long_form, std::string_view text) {
    text = base::cut_utf8(text, base::StringTable::kMaxStringBytes);
    const bool is_short = dialect_.short_strings && text.size() < kLengthBias;
    const WireEvent event = is_short ? short_form : long_form;
    const std::size_t length = dialect_.short_strings && !is_short ? text.size() - kLengthBias : text.size();
    const std::size_t width = width_of(row_of(event).tail);
    char* const cursor = put_bytes(start(event, width + text.size()), &length, width);
    writer_.advance(put_bytes(cursor, text.data(), text.size()));
}

}  // namespace tracypy::protocol
