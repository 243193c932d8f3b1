// The content of a packet of events as the words that the recorder wrote.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/ids.hpp"
#include "events/event.hpp"
#include "journal/bytes.hpp"

namespace tracypy::journal {

/// One thread.
class EventDecoder {
public:
    /// `content`: after its first byte. `locations`: by their number in the journal. The batch is valid until the next
    /// call. Throws DamagedPacket.
    events::ThreadBatch decode(std::string_view content, base::Ticks start,
                               std::span<const base::SourceLocationId> locations);

    /// Of the last event of the last packet.
    base::Ticks last_tick() const noexcept { return last_tick_; }

private:
    struct Columns;

    void make_room(std::size_t words);
    std::uint64_t decode_columns(Columns& columns, std::uint64_t tick,
                                 std::span<const base::SourceLocationId> locations);
    static std::uint32_t read_color(Columns& columns);
    static events::Word* rare_event(Columns& columns, std::uint64_t& tick, events::Word* output);

    std::unique_ptr<events::Word[]> words_;
    std::size_t capacity_ = 0;
    events::Word* end_ = nullptr;
    base::Ticks last_tick_ = 0;
};

}  // namespace tracypy::journal
