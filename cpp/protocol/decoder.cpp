#include "protocol/decoder.hpp"

#include <algorithm>

#include "protocol/peer_error.hpp"
#include "protocol/wire_bytes.hpp"

namespace tracypy::protocol {
namespace {

using events::Kind;
using events::Word;

// Zone times since protocol 78: the middle form holds what does not fit the small one, the wide what fits neither.
constexpr std::int64_t kBias16 = std::int64_t{1} << 16;
constexpr std::int64_t kBias32 = kBias16 + (std::int64_t{1} << 32);
// Since protocol 80 the long forms of texts sent ahead hold the length less this.
constexpr std::size_t kLengthBias = 256;

// The header of an event has 60 bits for a time; a viewer has room for 2^47 ns.
constexpr std::uint64_t kLargestTick = std::uint64_t{1} << 59;

std::int64_t narrow_delta(const char* body) noexcept {
    return get<std::uint16_t>(body);
}
std::int64_t middle_delta(const char* body) noexcept {
    return std::int64_t{get<std::uint32_t>(body)} + kBias16;
}

struct Tailed {
    std::string_view bytes;
    std::size_t size;  // with its length in front
};

Tailed tail_of(WireEvent event, Tail kind, bool is_biased, const char* cursor, const char* end) {
    if (kind == Tail::None) return {{}, 0};
    if (kind == Tail::NotOnWire) throw PeerError(std::string(facts_of(event).name) + ", which is never sent");
    const std::size_t width = kind == Tail::Text8 ? 1 : kind == Tail::Text16 ? 2 : 4;
    const auto there = static_cast<std::size_t>(end - cursor);
    std::size_t length = 0;
    if (there >= width) {
        length = width == 1   ? get<std::uint8_t>(cursor)
                 : width == 2 ? get<std::uint16_t>(cursor)
                              : get<std::uint32_t>(cursor);
        if (is_biased) length += kLengthBias;
    }
    if (there < width || there - width < length) {
        throw PeerError("a block that ends in the middle of " + std::string(facts_of(event).name));
    }
    return {{cursor + width, length}, width + length};
}

}  // namespace

Decoder::Decoder(const Dialect& dialect, const Welcome& welcome, base::Names& names, PendingQueries& queries,
                 events::EventSink& sink)
    : dialect_(dialect),
      sink_(sink),
      own_names_(names),
      names_(names, queries),
      threads_(names, queries, sink),
      first_tick_(welcome.program.first_tick) {
    frame_sets_.emplace(0, FrameSet{});
}

void Decoder::block(std::span<const char> events) {
    try {
        decode(events.data(), events.data() + events.size());
    } catch (const PeerError&) {
        flush_batch();
        throw;
    }
    flush_batch();
}

void Decoder::decode(const char* cursor, const char* end) {
    while (cursor < end) {
        const auto number = static_cast<std::uint8_t>(*cursor);
        if (number >= dialect_.event_count) throw PeerError("an event of unknown kind " + std::to_string(number));
        const WireEvent event = dialect_.events[number];
        const std::size_t fixed = dialect_.fixed_size(event);
        if (static_cast<std::size_t>(end - cursor) < fixed) {
            throw PeerError("a block that ends in the middle of " + std::string(facts_of(event).name));
        }
        const bool is_biased =
            dialect_.short_strings && (event == WireEvent::SingleStringData || event == WireEvent::SecondStringData);
        const Tailed tail = tail_of(event, facts_of(event).tail, is_biased, cursor + fixed, end);
        handle(event, cursor + 1, tail.bytes);
        cursor += fixed + tail.size;
    }
}

base::Ticks Decoder::since_start(std::int64_t tick) {
    const std::uint64_t ticks = static_cast<std::uint64_t>(tick) - static_cast<std::uint64_t>(first_tick_);
    if (static_cast<std::int64_t>(ticks) < 0) return 0;
    if (ticks > kLargestTick) throw PeerError("a time that cannot be: tick " + std::to_string(tick));
    last_tick_ = std::max(last_tick_, static_cast<base::Ticks>(ticks));
    return static_cast<base::Ticks>(ticks);
}

base::Ticks Decoder::advance(std::int64_t delta) {
    reference_ += static_cast<std::uint64_t>(delta);
    return since_start(static_cast<std::int64_t>(reference_));
}

void Decoder::advance_serial(std::int64_t delta) {
    serial_reference_ += static_cast<std::uint64_t>(delta);
    (void)since_start(static_cast<std::int64_t>(serial_reference_));
}

void Decoder::select(std::uint32_t thread) {
    reference_ = 0;
    if (has_thread_ && thread == thread_) return;
    has_thread_ = true;
    thread_ = thread;
    row_ = threads_.find(thread);
}

CapturedRow& Decoder::current(const char* needed_by) {
    if (row_ == nullptr) {
        if (!has_thread_) throw PeerError(std::string(needed_by) + " before any thread was named");
        row_ = &threads_.notice(thread_);
    }
    return row_->fiber != nullptr ? *row_->fiber : *row_;
}

void Decoder::open_batch(const CapturedRow& row) {
    if (batch_thread_ == row.id) [[likely]] {
        return;
    }
    flush_batch();
    batch_thread_ = row.id;
}

void Decoder::flush_batch() {
    if (!batch_.empty()) sink_.thread_batch({batch_thread_, batch_});
    batch_.clear();
    batch_thread_ = base::ThreadId::None;
}

void Decoder::zone_begin(std::int64_t delta, base::SourceLocationId location) {
    const base::Ticks tick = advance(delta);
    CapturedRow& row = current("a zone");
    open_batch(row);
    batch_.push_back(events::header(Kind::ZoneBegin, static_cast<Word>(tick)));
    batch_.push_back(static_cast<Word>(location));
    ++row.open_zones;
    ++zones_;
    if (row.is_validated) [[unlikely]] {
        row.validations.push_back(row.next_validation);
        row.next_validation = 0;
    }
}

void Decoder::zone_end(std::int64_t delta) {
    CapturedRow& row = innermost("the end of a zone");
    const base::Ticks tick = advance(delta);
    open_batch(row);
    batch_.push_back(events::header(Kind::ZoneEnd, static_cast<Word>(tick)));
    --row.open_zones;
    if (row.is_validated) [[unlikely]] {
        row.validations.pop_back();
    }
}

CapturedRow& Decoder::innermost(const char* what) {
    CapturedRow& row = current(what);
    if (row.open_zones == 0) {
        throw PeerError(std::string(what) + " with no zone open on row " + std::to_string(row.number));
    }
    if (row.is_validated) [[unlikely]] {
        validate(row, what);
    }
    return row;
}

void Decoder::validate(CapturedRow& row, const char* what) {
    if (row.next_validation != row.validations.back()) {
        throw PeerError(std::string(what) + " that belongs to another zone than the innermost, on row " +
                        std::to_string(row.number));
    }
    row.next_validation = 0;
}

void Decoder::zone_string(Kind kind, const char* what) {
    const CapturedRow& row = innermost(what);
    const std::string text = take_text(what);
    open_batch(row);
    batch_.push_back(events::header(kind, text.size()));
    const std::size_t first = batch_.size();
    batch_.resize(first + events::words_for_bytes(text.size()));
    put_bytes(reinterpret_cast<char*>(batch_.data() + first), text.data(), text.size());
}

std::string Decoder::take_text(const char* needed_by) {
    if (!has_text_) throw PeerError(std::string(needed_by) + " without its text");
    has_text_ = false;
    return std::move(text_);
}

base::SourceLocationId Decoder::take_location() {
    if (!has_location_) throw PeerError("a zone without its source location");
    has_location_ = false;
    return location_;
}

void Decoder::handle(WireEvent event, const char* body, std::string_view tail) {
    using enum WireEvent;
    using FrameKind = events::FrameMark::Kind;
    const auto number = [body](std::size_t offset) { return get<std::uint64_t>(body + offset); };
    const auto time = [body](std::size_t offset = 0) { return get<std::int64_t>(body + offset); };
    const auto thread = [body](std::size_t offset) { return get<std::uint32_t>(body + offset); };
    const auto wide_delta = [this, &time] {
        const std::int64_t delta = time();
        return dialect_.small_zone_deltas && delta >= 0 && delta <= INT64_MAX - kBias32 ? delta + kBias32 : delta;
    };
    switch (event) {
        case ZoneBegin16:
        case ZoneBeginCallstack16:
            return zone_begin(narrow_delta(body), names_.location(number(2)));
        case ZoneEnd16:
            return zone_end(narrow_delta(body));
        case ZoneBegin32:
        case ZoneBeginCallstack32:
            return zone_begin(middle_delta(body), names_.location(number(4)));
        case ZoneEnd32:
            return zone_end(middle_delta(body));
        case ZoneBegin:
        case ZoneBeginCallstack:
            return zone_begin(wide_delta(), names_.location(number(8)));
        case ZoneEnd:
            return zone_end(wide_delta());
        case ZoneBeginAllocSrcLoc:
        case ZoneBeginAllocSrcLocCallstack:
            return zone_begin(time(), take_location());
        case ThreadContext:
            return select(thread(0));
        case ZoneText:
            return zone_string(Kind::ZoneText, "a zone's text");
        case ZoneName:
            return zone_string(Kind::ZoneName, "a zone's name");
        case ZoneColor:
            open_batch(innermost("a zone's colour"));
            return batch_.push_back(events::header(Kind::ZoneColor, get_24_bits(body)));
        case ZoneValue:
            open_batch(innermost("a zone's value"));
            batch_.push_back(events::header(Kind::ZoneValue, 0));
            return batch_.push_back(number(0));
        case ZoneValidation: {
            CapturedRow& row = current("a zone's number");
            if (!row.is_validated) row.validations.assign(row.open_zones, 0);
            row.is_validated = true;
            row.next_validation = thread(0);
            return;
        }
        case FiberEnter: {
            advance(time());
            const bool has_hint = dialect_.fixed_size(FiberEnter) == kWithGroupHint;
            return threads_.enter(number(8), thread(16), has_hint ? get<std::int32_t>(body + 20) : 0);
        }
        case FiberLeave:
            advance(time());
            return threads_.leave(thread(8));
        case ThreadGroupHint:
            return threads_.hint(thread(0), get<std::int32_t>(body + 4));
        case FrameMarkMsg:
            return frame_mark(FrameKind::Continuous, time(), number(8));
        case FrameMarkMsgStart:
            return frame_mark(FrameKind::Start, time(), number(8));
        case FrameMarkMsgEnd:
            return frame_mark(FrameKind::End, time(), number(8));
        case Message:
        case MessageCallstack:
            return message(time(), 0, dialect_.message_metadata ? get<std::uint8_t>(body + 8) : kPlainMetadata);
        case MessageColor:
        case MessageColorCallstack:
            return message(time(), get_24_bits(body + 8),
                           dialect_.message_metadata ? get<std::uint8_t>(body + 11) : kPlainMetadata);
        case MessageLiteral:
        case MessageLiteralCallstack:
            return literal(time(), 0, number(8));
        case MessageLiteralColor:
        case MessageLiteralColorCallstack:
            return literal(time(), get_24_bits(body + 8), number(11));
        case PlotDataInt:
            return plot_point(number(0), time(8), static_cast<double>(time(16)));
        case PlotDataFloat:
            return plot_point(number(0), time(8), get<float>(body + 16));
        case PlotDataDouble:
            return plot_point(number(0), time(8), get<double>(body + 16));
        case PlotConfig:
            return plot_style(body);
        case SingleStringData:
        case SingleStringData8:
            text_ = tail;
            has_text_ = true;
            return;
        case SourceLocationPayload:
            location_ = names_.dynamic_location(tail);
            has_location_ = true;
            return;
        case StringData:
            return names_.text_answered(QueryKind::String, number(0), tail);
        case PlotName:
            return names_.text_answered(QueryKind::PlotName, number(0), tail);
        case FrameName:
            return names_.text_answered(QueryKind::FrameName, number(0), tail);
        case ThreadName:
            return threads_.named(number(0), tail);
        case FiberName:
            return threads_.fiber_named(number(0), tail);
        case SourceLocation:
            return names_.location_answered(body);
        case Terminate:
            terminated_ = true;
            return;
        case Crash:
            crashed_ = true;
            return;
        default:
            return skip(event, body);
    }
}

}  // namespace tracypy::protocol
