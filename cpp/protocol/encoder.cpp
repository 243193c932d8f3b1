#include "protocol/encoder.hpp"

#include "base/string_table.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

using events::Kind;
using events::Word;

// Protocol 78 and later: a delta goes into the smallest form that holds it, and a larger form never repeats what a
// smaller one can say: 16 bits hold 0 .. 65,535, 32 bits what comes above less 65,536, 64 bits the rest less both.
// A negative delta is sent as it is, in 64 bits. Example: 70,000 is the 32-bit form with 4,464.
constexpr base::Ticks kBias16 = base::Ticks{1} << 16;
constexpr base::Ticks kBias32 = kBias16 + (base::Ticks{1} << 32);

constexpr std::size_t kLargestZoneEvent = 17;

/// 0xRRGGBB as the three bytes blue, green, red.
char* put_color(char* cursor, std::uint32_t color) noexcept {
    cursor[0] = static_cast<char>(color);
    cursor[1] = static_cast<char>(color >> 8);
    cursor[2] = static_cast<char>(color >> 16);
    return cursor + 3;
}

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
    number_event(WireEvent::ThreadContext, static_cast<std::uint32_t>(thread));
    thread_ = thread;
    reference_ = 0;
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
    base::Ticks reference = reference_;
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
    reference_ = reference;
    thread.clock = clock;
    thread.open_zones = open;
}

void Encoder::thread_events(std::span<const Word> words, ThreadState& thread, LocationIds& locations) {
    if (dialect_.small_zone_deltas) {
        encode<true>(words, thread, locations);
    } else {
        encode<false>(words, thread, locations);
    }
}

void Encoder::rare_event(const Word* event, ThreadState& thread) {
    const Kind kind = events::kind_of(event[0]);
    const Word payload = events::payload_of(event[0]);
    if (kind == Kind::Message) {
        message(thread.clock.moment(static_cast<base::Ticks>(payload)), text_at(event + 2, event[1] >> 32),
                static_cast<std::uint32_t>(event[1]), MessageMetadata::UserInfo);
        return;
    }
    if (thread.open_zones == 0) {
        ++dropped_events_;
        return;
    }
    if (kind == Kind::ZoneText || kind == Kind::ZoneName) {
        single_string(text_at(event + 1, payload));
        bare(kind == Kind::ZoneText ? WireEvent::ZoneText : WireEvent::ZoneName);
    } else if (kind == Kind::ZoneValue) {
        writer_.advance(put(start(WireEvent::ZoneValue), event[1]));
    } else {
        writer_.advance(put_color(start(WireEvent::ZoneColor), static_cast<std::uint32_t>(payload)));
    }
}

void Encoder::close_zones(ThreadState& thread, base::Ticks tick) {
    for (; thread.open_zones > 0; --thread.open_zones) {
        char* const cursor = writer_.reserve(kLargestZoneEvent);
        const base::Ticks end = thread.clock.end(tick);
        const base::Ticks delta = end - reference_;
        writer_.advance(dialect_.small_zone_deltas ? put_end<true>(cursor, zone_numbers_, delta)
                                                   : put_end<false>(cursor, zone_numbers_, delta));
        reference_ = end;
    }
}

void Encoder::message(base::Ticks tick, std::string_view text, std::uint32_t color, MessageMetadata metadata) {
    single_string(text);
    char* cursor = start(color == 0 ? WireEvent::Message : WireEvent::MessageColor);
    cursor = put(cursor, tick);
    if (color != 0) cursor = put_color(cursor, color);
    if (dialect_.message_metadata) cursor = put(cursor, metadata);
    writer_.advance(cursor);
}

void Encoder::frame_mark(WireEvent kind, base::Ticks tick, std::uint64_t name) {
    char* const cursor = put(start(kind), tick);
    writer_.advance(put(cursor, name));
}

void Encoder::bare(WireEvent event) {
    writer_.advance(start(event));
}

void Encoder::number_event(WireEvent event, std::uint32_t value) {
    writer_.advance(put(start(event), value));
}

void Encoder::string_transfer(WireEvent event, std::uint64_t pointer, std::string_view text) {
    text = base::cut_utf8(text, base::StringTable::kMaxStringBytes);
    char* cursor = put(start(event, sizeof(std::uint16_t) + text.size()), pointer);
    cursor = put(cursor, static_cast<std::uint16_t>(text.size()));
    writer_.advance(put_bytes(cursor, text.data(), text.size()));
}

void Encoder::single_string(std::string_view text) {
    short_or_long_string(WireEvent::SingleStringData8, WireEvent::SingleStringData, text);
}

void Encoder::second_string(std::string_view text) {
    short_or_long_string(WireEvent::SecondStringData8, WireEvent::SecondStringData, text);
}

// Since protocol 80 the long form holds the length less 256: what is shorter has the short form.
void Encoder::short_or_long_string(WireEvent short_form, WireEvent long_form, std::string_view text) {
    constexpr std::size_t kLengthBias = 256;
    text = base::cut_utf8(text, base::StringTable::kMaxStringBytes);
    char* cursor;
    if (dialect_.short_strings && text.size() < kLengthBias) {
        cursor = put(start(short_form, sizeof(std::uint8_t) + text.size()), static_cast<std::uint8_t>(text.size()));
    } else {
        const std::size_t length = dialect_.short_strings ? text.size() - kLengthBias : text.size();
        cursor = put(start(long_form, sizeof(std::uint16_t) + text.size()), static_cast<std::uint16_t>(length));
    }
    writer_.advance(put_bytes(cursor, text.data(), text.size()));
}

void Encoder::source_location(std::uint64_t name, std::uint64_t function, std::uint64_t file, std::uint32_t line,
                              std::uint32_t color) {
    char* cursor = put(start(WireEvent::SourceLocation), name);
    cursor = put(cursor, function);
    cursor = put(cursor, file);
    cursor = put(cursor, line);
    writer_.advance(put_color(cursor, color));
}

void Encoder::callstack_frame_size(std::uint64_t pointer, std::uint8_t frames) {
    char* const cursor = put(start(WireEvent::CallstackFrameSize), pointer);
    writer_.advance(put(cursor, frames));
}

void Encoder::callstack_frame(std::uint32_t line, std::uint64_t symbol, std::uint32_t symbol_bytes) {
    char* cursor = put(start(WireEvent::CallstackFrame), line);
    cursor = put(cursor, symbol);
    writer_.advance(put(cursor, symbol_bytes));
}

void Encoder::symbol_information(std::uint32_t line, std::uint64_t symbol) {
    char* const cursor = put(start(WireEvent::SymbolInformation), line);
    writer_.advance(put(cursor, symbol));
}

}  // namespace tracypy::protocol
