#include "journal/event_decoder.hpp"

#include <algorithm>

namespace tracypy::journal {

using events::Kind;
using events::Word;

namespace {

// A zone's begin takes a byte in the first column, any other event but an end at least three: and what it lacks there
// may still take a word here.
constexpr std::size_t kMostWordsPerByte =
    std::max<std::size_t>(events::kBeginWords, (events::layout::kMostFieldWords + 3) / 3 + 1);

/// Before fields had a length: how many a rare event has, but for its time.
constexpr unsigned fields_in_version_1(Kind kind) noexcept {
    return kind == Kind::Message ? 2 : 1;
}

}  // namespace

struct EventDecoder::Columns {
    ByteReader what;
    ByteReader when;

    std::uint64_t delta() {
        const auto ticks = when.fixed<std::uint16_t>();
        if (ticks < kWide32) [[likely]] {
            return ticks;
        }
        if (ticks == kWide32) return when.fixed<std::uint32_t>();
        const auto wide = when.fixed<std::uint64_t>();
        if (wide > kMaxTick) throw DamagedPacket();
        return wide;
    }
};

void EventDecoder::make_room(std::size_t words) {
    if (words <= capacity_) return;
    words_ = std::make_unique_for_overwrite<Word[]>(words);
    capacity_ = words;
}

events::ThreadBatch EventDecoder::decode(std::string_view content, base::Ticks start, const Definitions& definitions) {
    ByteReader reader(content);
    const base::ThreadId thread = definitions.row_of(static_cast<base::ThreadId>(reader.number_up_to(UINT32_MAX)));
    const std::uint64_t reference = reader.number_up_to(kMaxTick) + static_cast<std::uint64_t>(start);
    const std::string_view what = reader.text();
    make_room(kMostWordsPerByte * what.size());
    unknown_ = 0;
    Columns columns{ByteReader(what), ByteReader(reader.bytes(reader.left()))};
    const std::uint64_t last = decode_columns(columns, reference, definitions);
    if (!columns.when.at_end() || last > kMaxTick) throw DamagedPacket();
    last_tick_ = static_cast<base::Ticks>(last);
    return {thread, {words_.get(), end_}};
}

// A packet is too small for its deltas to add up to more than 64 bits.
std::uint64_t EventDecoder::decode_columns(Columns& columns, std::uint64_t tick, const Definitions& definitions) {
    const std::vector<base::SourceLocationId>& locations = definitions.locations;
    Word* output = words_.get();
    Columns hot = columns;  // in registers: nothing that is not inlined gets its address
    while (!hot.what.at_end()) {
        const std::uint64_t code = hot.what.number();
        if (code >= kFirstLocationCode) {
            if (code - kFirstLocationCode >= locations.size()) throw DamagedPacket();
            const std::uint64_t delta = hot.delta();
            tick += delta;
            const base::SourceLocationId location = locations[static_cast<std::size_t>(code - kFirstLocationCode)];
            const events::ZoneBegin begin{static_cast<base::Ticks>(tick), location};
            const bool is_near = output != words_.get() && delta <= UINT32_MAX;
            output = is_near ? events::put_near(output, begin.tick, events::BeginBits(location))
                             : events::put(output, begin);
        } else if (code == kCodeEnd) {
            tick += hot.delta();
            output = events::put(output, events::ZoneEnd{static_cast<base::Ticks>(tick)});
        } else {
            columns = hot;
            output = rare_event(columns, tick, definitions, output);
            hot = columns;
        }
        if (tick > kMaxTick) throw DamagedPacket();
    }
    columns = hot;
    end_ = output;
    return tick;
}

Word* EventDecoder::rare_event(Columns& columns, std::uint64_t& tick, const Definitions& definitions, Word* output) {
    const auto head = columns.what.fixed<std::uint8_t>();
    const auto kind = static_cast<Kind>(head % events::kMostKinds);
    if (!has_lengths_) {
        if (head > static_cast<std::uint8_t>(Kind::Message)) throw DamagedPacket();
        if (kind == Kind::Message) tick += columns.delta();
        return read_event(kind, columns.what, fields_in_version_1(kind), tick, definitions, output);
    }
    if ((head & kHasTime) != 0) tick += columns.delta();
    ByteReader fields(columns.what.text());
    return read_event(kind, fields, UINT32_MAX, tick, definitions, output);
}

template <typename Event>
Word* EventDecoder::read_event(ByteReader& reader, unsigned most_fields, std::uint64_t tick,
                               const Definitions& definitions, Word* output) {
    Event event;
    each_field(event, [&](auto& field) {
        if constexpr (kIsTick<decltype(field)>) {
            field = static_cast<base::Ticks>(tick);
        } else if (most_fields != 0 && !reader.at_end()) {
            get_field(reader, field, definitions, 0);
            --most_fields;
        }
    });
    return events::put(output, event);
}

Word* EventDecoder::read_event(Kind kind, ByteReader& reader, unsigned most_fields, std::uint64_t tick,
                               const Definitions& definitions, Word* output) {
    switch (kind) {
#define TRACYPY_READ(number, name, fields)                                                   \
    case Kind::name:                                                                         \
        if constexpr (!events::PlainZoneEdge<events::name>) {                                \
            return read_event<events::name>(reader, most_fields, tick, definitions, output); \
        }                                                                                    \
        break;
        TRACYPY_THREAD_EVENTS(TRACYPY_READ, )
#undef TRACYPY_READ
        default:
            break;
    }
    if (!has_lengths_) throw DamagedPacket();
    ++unknown_;
    return output;
}

}  // namespace tracypy::journal
