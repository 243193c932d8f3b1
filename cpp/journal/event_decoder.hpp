// The content of a packet of events as the words that the recorder wrote.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/ids.hpp"
#include "events/event.hpp"
#include "journal/fields.hpp"

namespace tracypy::journal {

/// One thread.
class EventDecoder {
public:
    /// `content`: after its first byte. The batch is valid until the next call. Throws DamagedPacket.
    events::ThreadBatch decode(std::string_view content, base::Ticks start, const Definitions& definitions);
    /// Of the journal: has_lengths() of its version.
    void set_has_lengths(bool has_lengths) noexcept { has_lengths_ = has_lengths; }

    /// Events of the last packet of kinds that this release does not know.
    std::uint64_t unknown() const noexcept { return unknown_; }
    /// Of the last event of the last packet.
    base::Ticks last_tick() const noexcept { return last_tick_; }

private:
    struct Columns;

    void make_room(std::size_t words);
    std::uint64_t decode_columns(Columns& columns, std::uint64_t tick, const Definitions& definitions);
    events::Word* rare_event(Columns& columns, std::uint64_t& tick, const Definitions& definitions,
                             events::Word* output);
    events::Word* read_event(events::Kind kind, ByteReader& reader, unsigned most_fields, std::uint64_t tick,
                             const Definitions& definitions, events::Word* output);
    template <typename Event>
    static events::Word* read_event(ByteReader& reader, unsigned most_fields, std::uint64_t tick,
                                    const Definitions& definitions, events::Word* output);

    std::unique_ptr<events::Word[]> words_;
    std::size_t capacity_ = 0;
    events::Word* end_ = nullptr;
    base::Ticks last_tick_ = 0;
    std::uint64_t unknown_ = 0;
    bool has_lengths_ = true;
};

}  // namespace tracypy::journal
