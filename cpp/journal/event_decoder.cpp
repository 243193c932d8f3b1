#include "journal/event_decoder.hpp"

#include <cstring>

#include "journal/format.hpp"

namespace tracypy::journal {

using events::Kind;
using events::Word;

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

events::ThreadBatch EventDecoder::decode(std::string_view content, base::Ticks start,
                                         std::span<const base::SourceLocationId> locations) {
    ByteReader reader(content);
    const auto thread = static_cast<base::ThreadId>(reader.number_up_to(UINT32_MAX));
    const std::uint64_t reference = reader.number_up_to(kMaxTick) + static_cast<std::uint64_t>(start);
    const std::string_view what = reader.text();
    make_room(events::kBeginWords * what.size());  // no event has more words for a byte of the first column
    Columns columns{ByteReader(what), ByteReader(reader.bytes(reader.left()))};
    const std::uint64_t last = decode_columns(columns, reference, locations);
    if (!columns.when.at_end() || last > kMaxTick) throw DamagedPacket();
    last_tick_ = static_cast<base::Ticks>(last);
    return {thread, {words_.get(), end_}};
}

// A packet is too small for its deltas to add up to more than 64 bits.
std::uint64_t EventDecoder::decode_columns(Columns& columns, std::uint64_t tick,
                                           std::span<const base::SourceLocationId> locations) {
    Word* output = words_.get();
    while (!columns.what.at_end()) {
        const std::uint64_t code = columns.what.number();
        if (code >= kFirstLocationCode) {
            if (code - kFirstLocationCode >= locations.size()) throw DamagedPacket();
            const std::uint64_t delta = columns.delta();
            tick += delta;
            const base::SourceLocationId location = locations[static_cast<std::size_t>(code - kFirstLocationCode)];
            const events::ZoneBegin begin{static_cast<base::Ticks>(tick), location};
            const bool is_near = output != words_.get() && delta <= UINT32_MAX;
            output = is_near ? events::put_near(output, begin.tick, events::BeginBits(location))
                             : events::put(output, begin);
        } else if (code == kCodeEnd) {
            tick += columns.delta();
            output = events::put(output, events::ZoneEnd{static_cast<base::Ticks>(tick)});
        } else {
            output = rare_event(columns, tick, output);
        }
        if (tick > kMaxTick) throw DamagedPacket();
    }
    end_ = output;
    return tick;
}

Word* EventDecoder::rare_event(Columns& columns, std::uint64_t& tick, Word* output) {
    switch (columns.what.fixed<Kind>()) {
        case Kind::ZoneText:
            return events::put(output, events::ZoneText{columns.what.text()});
        case Kind::ZoneName:
            return events::put(output, events::ZoneName{columns.what.text()});
        case Kind::ZoneValue:
            return events::put(output, events::ZoneValue{columns.what.number()});
        case Kind::ZoneColor:
            return events::put(output, events::ZoneColor{read_color(columns)});
        case Kind::Message: {
            tick += columns.delta();
            const std::uint32_t color = read_color(columns);
            return events::put(output, events::Message{static_cast<base::Ticks>(tick), color, columns.what.text()});
        }
        default:
            throw DamagedPacket();
    }
}

std::uint32_t EventDecoder::read_color(Columns& columns) {
    return static_cast<std::uint32_t>(columns.what.number_up_to(UINT32_MAX));
}

}  // namespace tracypy::journal
