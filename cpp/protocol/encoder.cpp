#include "protocol/encoder.hpp"

#include "base/string_table.hpp"
#include "protocol/kinds/messages.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

using events::Kind;
using events::Word;

// The loop over zones knows their layout, which is the same in all protocols.
constexpr std::size_t kLargestZoneEvent = kDialects.back().fixed_size(WireEvent::ZoneBegin);
static_assert(fixed_place(WireEvent::ZoneBegin, 0) == 0 && fixed_place(WireEvent::ZoneBegin, 1) == 8);
static_assert(fixed_place(WireEvent::ZoneBegin32, 0) == 0 && fixed_place(WireEvent::ZoneBegin32, 1) == 4);
static_assert(fixed_place(WireEvent::ZoneBegin16, 0) == 0 && fixed_place(WireEvent::ZoneBegin16, 1) == 2);
static_assert(slots_of(WireEvent::ZoneBegin) == 2 && slots_of(WireEvent::ZoneEnd) == 1);

std::string_view text_at(const Word* words, std::size_t bytes) noexcept {
    return {reinterpret_cast<const char*>(words), bytes};
}

}  // namespace

Encoder::Encoder(const Dialect& dialect, OutputBuffer& output, Packing packing)
    : dialect_(dialect),
      writer_(output, packing),
      zone_numbers_{dialect.number(WireEvent::ZoneBegin),   dialect.number(WireEvent::ZoneBegin32),
                    dialect.number(WireEvent::ZoneBegin16), dialect.number(WireEvent::ZoneEnd),
                    dialect.number(WireEvent::ZoneEnd32),   dialect.number(WireEvent::ZoneEnd16)} {}

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

// Deltas are never negative here: the clock of a thread never goes back, and the reference is either its last tick or,
// after a switch of threads, zero.
template <bool kSmallDeltas>
void Encoder::encode(std::span<const Word> words, ThreadState& thread, LocationIds& locations) {
    const ZoneNumbers numbers = zone_numbers_;
    const Word* event = words.data();
    const Word* const end = event + words.size();
    base::Ticks reference = times_.last(TimeReference::Thread);
    base::RowClock clock = thread.clock;
    std::uint32_t open = thread.open_zones;
    char* cursor = writer_.cursor();
    const char* limit = writer_.limit() - kLargestZoneEvent;

    while (event < end) {
        if (cursor > limit) [[unlikely]] {
            writer_.advance(cursor);
            writer_.flush();
            cursor = writer_.cursor();
            limit = writer_.limit() - kLargestZoneEvent;
        }
        const Word head = event[0];
        const Kind kind = events::kind_of(head);
        if (kind == Kind::ZoneBegin) {
            if (end - event < 2) [[unlikely]] {
                ++dropped_events_;
                break;
            }
            const base::Ticks tick = clock.begin(static_cast<base::Ticks>(events::payload_of(head)));
            cursor = put_begin<kSmallDeltas>(cursor, numbers, tick - reference, locations.wire_id(event[1]));
            reference = tick;
            ++open;
            event += 2;
        } else if (kind == Kind::ZoneEnd) {
            ++event;
            if (open == 0) [[unlikely]] {
                ++dropped_events_;
                continue;
            }
            --open;
            const base::Ticks tick = clock.end(static_cast<base::Ticks>(events::payload_of(head)));
            cursor = put_end<kSmallDeltas>(cursor, numbers, tick - reference);
            reference = tick;
        } else {
            if (!events::is_whole(event, end)) [[unlikely]] {
                ++dropped_events_;
                break;
            }
            thread.clock = clock;
            thread.open_zones = open;
            writer_.advance(cursor);
            rare_event(event, thread);
            clock = thread.clock;
            cursor = writer_.cursor();
            limit = writer_.limit() - kLargestZoneEvent;
            event += events::event_words(event);
        }
    }
    writer_.advance(cursor);
    times_.move_to(TimeReference::Thread, reference);
    thread.clock = clock;
    thread.open_zones = open;
}

void Encoder::thread_events(std::span<const Word> words, ThreadState& thread, LocationIds& locations) {
    if (dialect_.short_times) {
        encode<true>(words, thread, locations);
    } else {
        encode<false>(words, thread, locations);
    }
}

void Encoder::rare_event(const Word* event, ThreadState& thread) {
    const Kind kind = events::kind_of(event[0]);
    const Word payload = events::payload_of(event[0]);
    if (kind == Kind::Message) {
        return kinds::write_message(*this, thread.clock.moment(static_cast<base::Ticks>(payload)),
                                    text_at(event + 2, event[1] >> 32), static_cast<std::uint32_t>(event[1]),
                                    kinds::MessageMetadata::UserInfo);
    }
    if (thread.open_zones == 0) {
        ++dropped_events_;
        return;
    }
    if (kind == Kind::ZoneText || kind == Kind::ZoneName) {
        single_string(text_at(event + 1, payload));
        if (kind == Kind::ZoneText) return write<WireEvent::ZoneText>();
        write<WireEvent::ZoneName>();
    } else if (kind == Kind::ZoneValue) {
        write<WireEvent::ZoneValue>(std::uint64_t{event[1]});
    } else {
        write<WireEvent::ZoneColor>(static_cast<std::uint32_t>(payload));
    }
}

void Encoder::close_zones(ThreadState& thread, base::Ticks tick) {
    for (; thread.open_zones > 0; --thread.open_zones) {
        char* const cursor = writer_.reserve(kLargestZoneEvent);
        const base::Ticks delta = times_.move_to(TimeReference::Thread, thread.clock.end(tick));
        writer_.advance(dialect_.short_times ? put_end<true>(cursor, zone_numbers_, delta)
                                             : put_end<false>(cursor, zone_numbers_, delta));
    }
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
