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
    make_room(2 * what.size());  // no event has more words than twice its bytes in the first column
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
            tick += columns.delta();
            *output++ = events::header(Kind::ZoneBegin, tick);
            *output++ = static_cast<Word>(locations[static_cast<std::size_t>(code - kFirstLocationCode)]);
        } else if (code == kCodeEnd) {
            tick += columns.delta();
            *output++ = events::header(Kind::ZoneEnd, tick);
        } else {
            output = rare_event(columns, tick, output);
        }
        if (tick > kMaxTick) throw DamagedPacket();
    }
    end_ = output;
    return tick;
}

Word* EventDecoder::rare_event(Columns& columns, std::uint64_t& tick, Word* output) {
    const auto kind = columns.what.fixed<Kind>();
    const auto put_text = [&output](std::string_view text) {
        const std::size_t words = events::words_for_bytes(text.size());
        if (words == 0) return;
        output[words - 1] = 0;
        std::memcpy(output, text.data(), text.size());
        output += words;
    };
    switch (kind) {
        case Kind::ZoneText:
        case Kind::ZoneName: {
            const std::string_view text = columns.what.text();
            *output++ = events::header(kind, text.size());
            put_text(text);
            break;
        }
        case Kind::ZoneValue:
            *output++ = events::header(kind, 0);
            *output++ = columns.what.number();
            break;
        case Kind::ZoneColor:
            *output++ = events::header(kind, columns.what.number_up_to(UINT32_MAX));
            break;
        case Kind::Message: {
            tick += columns.delta();
            const std::uint64_t color = columns.what.number_up_to(UINT32_MAX);
            const std::string_view text = columns.what.text();
            *output++ = events::header(kind, tick);
            *output++ = static_cast<Word>(text.size()) << 32 | color;
            put_text(text);
            break;
        }
        default:
            throw DamagedPacket();
    }
    return output;
}

}  // namespace tracypy::journal
